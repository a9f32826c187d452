/** Container Registry's hosts by region (its page of domains). Dallas is the one for both regions of the south and east. */
const HOSTS: Record<string, string> = {
  'us-south': 'us.icr.io',
  'us-east': 'us.icr.io',
  'eu-de': 'de.icr.io',
  'eu-gb': 'uk.icr.io',
  'ca-tor': 'ca.icr.io',
  'jp-tok': 'jp.icr.io',
  'jp-osa': 'jp2.icr.io',
  'au-syd': 'au.icr.io',
  'br-sao': 'br.icr.io',
}

/**
 * MB that a registry is told to stop at, stored and pulled in a month: of the two numbers that IBM's pages give for the
 * free plan (500 and 512, 5 GB and 5120 MB) the smaller ones.
 */
export const FREE_MB = { storage: 500, traffic: 5000 } as const
/** What Code Engine runs images under by its own network: what is pulled there is neither counted nor charged. */
const PRIVATE = 'private.'

/** The registry that is next to a region of Code Engine. */
export function registryOf(region: string): string {
  const host = HOSTS[region]
  if (host === undefined) throw new Error(`no registry is known for the region ${region}`)
  return host
}

/** The registries of these regions, each once. */
export function registriesOf(regions: readonly string[]): string[] {
  return [...new Set(regions.flatMap((region) => HOSTS[region] ?? []))]
}

/** The region in which IAM knows a registry: that of its own, where two use it. */
export function regionOf(host: string): string | undefined {
  return Object.entries(HOSTS).find(([, one]) => one === host)?.[0]
}

/** Where Code Engine pulls from, given the host that images are pushed to. */
export function pullHost(host: string): string {
  return `${PRIVATE}${host}`
}

/** Whether pulling this image takes of an account's traffic: from the private address of a registry nothing does. */
export function countsTraffic(reference: string): boolean {
  return regionOf(reference.split('/')[0] ?? '') !== undefined
}
