/** Names of its own; none is as it was before there was such a thing. */
export function domainsOf({ domains }: { domains: string[] }): { domains?: string[] } {
  return domains.length === 0 ? {} : { domains }
}
