import type { ConfiguredProvider } from '../../../stacks/contract/provider.ts'
import { imageProvider } from '../../parts/registry/image-provider.ts'
import type { IbmCloud } from './cloud.ts'
import { configurationSchema } from './configuration.ts'
import { ofAccount, registryApi } from './registry.ts'

const IMAGE = 'ibm:registry/image:Image'
const REMOVE_MS = 120_000
/** Milliseconds for one operation on an image: five minutes less than its deadline in `engine.yaml`. */
export const IMAGE_MS = 3_300_000

/** The types of `others`, and images, which are pushed by the API that all registries have. */
export async function withImages(
  others: ConfiguredProvider,
  { cloud, base, variables }: { cloud: IbmCloud; base: string | undefined; variables: Record<string, unknown> },
): Promise<ConfiguredProvider> {
  const images = await imageProvider({
    name: 'ibm',
    type: IMAGE,
    login: async () => ({ username: 'iamapikey', password: configurationSchema.parse(variables).apikey }),
    withinMs: IMAGE_MS,
    send: (url, request) => (request.method === 'DELETE' ? remove(cloud, url) : fetch(url, request)),
    ...(base === undefined ? {} : { base: (repository: string) => `${base}/_/${repository.split('/')[0]}` }),
  }).configure(variables)
  const of = (type: string): ConfiguredProvider => (type === IMAGE ? images : others)
  return {
    check: (type, ...given) => of(type).check(type, ...given),
    diff: (type, ...given) => of(type).diff(type, ...given),
    create: (type, ...given) => of(type).create(type, ...given),
    read: (type, ...given) => of(type).read(type, ...given),
    update: (type, ...given) => of(type).update(type, ...given),
    delete: (type, ...given) => of(type).delete(type, ...given),
    invoke: (token, args) => others.invoke(token, args),
    cancel() {
      images.cancel?.()
      others.cancel?.()
    },
  }
}

/** What ends an image at IBM is an API of its own: it takes the tags too, and keeps it for its owner, uncounted. */
async function remove(cloud: IbmCloud, manifest: string): Promise<Response> {
  const [, host = '', name, digest] = /([^/]+)\/v2\/(.+)\/manifests\/(sha256:[0-9a-f]{64})$/.exec(manifest) ?? []
  const url = registryApi(host, `/images/${encodeURIComponent(`${host}/${name}@${digest}`)}`)
  await cloud.within(REMOVE_MS).ask({ method: 'DELETE', url, headers: await ofAccount(cloud) })
  return new Response(null, { status: 202 })
}
