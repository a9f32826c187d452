import { z } from 'zod'

const profilesSchema = z.array(
  z.looseObject({
    profiles: z.array(
      z.looseObject({ consumerGroup: z.string().optional(), tlsAuthentication: z.string(), value: z.string() }),
    ),
  }),
)
const urlsSchema = z.array(z.looseObject({ ordsUrl: z.string() }))

/**
 * The address that drivers take, `tcps://host:port/service`: of the connection that proves the server alone, so that no
 * wallet is needed. The platform tells it in the long form of Oracle Net.
 */
export function driverUrl(connectionStrings: unknown): string | undefined {
  const profiles = (profilesSchema.safeParse(connectionStrings).data ?? []).flatMap((one) => one.profiles)
  const found = profiles.find((one) => one.tlsAuthentication === 'SERVER' && one.consumerGroup === 'LOW')
  const part = (name: string) => new RegExp(`\\(${name}=([^()]+)\\)`).exec(found?.value ?? '')?.[1]
  const [host, port, service] = [part('host'), part('port'), part('service_name')]
  return host === undefined || port === undefined || service === undefined
    ? undefined
    : `tcps://${host}:${port}/${service}`
}

/** The address of its documents, by plain HTTPS: collections lie below it (Oracle's "SODA for REST"). */
export function documentsUrl(connectionUrls: unknown): string | undefined {
  const url = urlsSchema.safeParse(connectionUrls).data?.[0]?.ordsUrl
  return url === undefined ? undefined : new URL('admin/soda/latest/', url.endsWith('/') ? url : `${url}/`).href
}
