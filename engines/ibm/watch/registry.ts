import { z } from 'zod'
import type { Found, WatchContext } from '../../contract/watch.ts'
import { regionOf, registriesOf } from '../registry.ts'
import { call } from './call.ts'

const NAMESPACE = 'ibm:registry/namespace:Namespace'
const IMAGE = 'ibm:registry/image:Image'

export const registryTypes: readonly string[] = [NAMESPACE, IMAGE]

// What is not told is not known, which is another thing than nothing.
const amountsSchema = z
  .looseObject({ storage_bytes: z.number().optional(), traffic_bytes: z.number().optional() })
  .default({})
const quotaSchema = z.looseObject({ limit: amountsSchema, usage: amountsSchema })
const namespacesSchema = z.array(z.string())
const digestsSchema = z.array(
  z.looseObject({
    id: z.string(),
    size: z.number().optional(),
    repoTags: z.record(z.string(), z.unknown()).default({}),
  }),
)

/** What each registry of the account has of what it may have, bytes. */
export function quotasOf(context: WatchContext, account: string): Promise<(z.infer<typeof quotaSchema> & Host)[]> {
  return Promise.all(registriesOf(context.regions).map((host) => quotaOf(context, account, host)))
}

interface Host {
  host: string
}

/** Every namespace, and every image in them by digest, whoever pushed it. */
export async function surveyRegistries(context: WatchContext, account: string): Promise<Found[]> {
  const all = await Promise.all(registriesOf(context.regions).map((host) => surveyOf(context, account, host)))
  return all.flat()
}

async function quotaOf(context: WatchContext, account: string, host: string) {
  const found = await call(context, `https://${host}/api/v1/quotas`, quotaSchema, { headers: { account } })
  return { host, ...quotaSchema.parse(found ?? {}) }
}

async function surveyOf(context: WatchContext, account: string, host: string): Promise<Found[]> {
  const given = { headers: { account } }
  const names = (await call(context, `https://${host}/api/v1/namespaces`, namespacesSchema, given)) ?? []
  // Without a namespace there is no image either.
  if (names.length === 0) return []
  const region = regionOf(host) ?? ''
  const { limit } = await quotaOf(context, account, host)
  const walls = { storageMb: megabytes(limit.storage_bytes), trafficMb: megabytes(limit.traffic_bytes) }
  const question = { exclude_tagged: false, exclude_va: true, include_ibm: false, repositories: [] }
  const digests = await call(context, `https://${host}/api/v1/images/digests`, digestsSchema, { ...given, question })
  return [
    ...names.map((name) => ({
      type: NAMESPACE,
      id: `${host}/${name}`,
      region,
      inputs: { registry: host, name, ...walls },
    })),
    ...(digests ?? []).flatMap(({ id, size, repoTags }) => {
      const image = { type: IMAGE, region }
      const inputs = { digest: id.replace(/^sha256:/, ''), bytes: size }
      const repositories = Object.keys(repoTags)
      // In no repository that it names it takes its room all the same.
      if (repositories.length === 0) return [{ ...image, id: `${host}@${id}`, inputs }]
      return repositories.map((repository) => ({
        ...image,
        id: `${repository}@${id}`,
        inputs: { repository, ...inputs },
      }))
    }),
  ]
}

function megabytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / 1e6
}
