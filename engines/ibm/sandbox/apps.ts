import type {
  Json,
  KeptAsset,
  Serving,
  SimulatedResource,
  StoredResource,
  World,
} from '../../../stacks/contract/sandbox.ts'
import { layoutOf } from '../../parts/sandbox/registry.ts'
import { mayPull } from './access.ts'
import { idOf, inProject } from './code-engine.ts'
import { Refusal } from './refusal.ts'
import { APP, IMAGE, PROJECT, SECRET } from './types.ts'

const MOST = 40
/** Gigabytes that go with each vCPU, of those up to 4. */
const COMBINATIONS: Record<string, number[]> = {
  '0.125': [0.25, 0.5, 1],
  '0.25': [0.5, 1, 2],
  '0.5': [1, 2, 4],
  '1': [2, 4, 8],
  '2': [4, 8, 16],
  '4': [8, 16, 32],
}
const LEAST_STORAGE_GB = 0.4

interface Variable {
  type: string
  name?: string
  value?: string
  reference?: string
}

/** Code Engine's apps: images that are run while somebody asks for them. */
export const apps: Record<string, SimulatedResource> = {
  [APP]: {
    replaceOn: ['project', 'name'],
    asByHand: async (inputs, world) => ({
      project: (await world.list(PROJECT))[0]?.id,
      name: `by-hand-${world.hex(5)}`,
      image_reference: 'icr.io/codeengine/helloworld',
      ...asLeftOut(),
      ...inputs,
    }),
    async create(inputs, world) {
      await inProject(inputs, APP, MOST, world)
      return { id: idOf(inputs), ...(await deployed(inputs, undefined, world)) }
    },
    update: (_id, inputs, old, world) => deployed(inputs, old, world),
  },
}

/** What an app has of what nobody set. */
export function asLeftOut(): Json {
  return {
    image_port: 8080,
    managed_domain_mappings: 'local_public',
    run_env_variables: [],
    run_service_account: 'default',
    scale_min_instances: 0,
    scale_max_instances: 10,
    scale_concurrency: 100,
    scale_cpu_limit: '1',
    scale_memory_limit: '4G',
    scale_ephemeral_storage_limit: '400M',
    scale_request_timeout: 300,
    scale_down_delay: 0,
  }
}

/** A new revision, when anything but its address changed. One that cannot be started leaves the one before in its place. */
async function deployed(
  inputs: Json,
  old: StoredResource | undefined,
  world: World,
): Promise<{ outputs: Json; serve?: Serving }> {
  expectSizes(inputs)
  const within = (await world.list(PROJECT)).find((one) => one.id === inputs.project)
  const region = String(inputs.project).split('/')[0] ?? ''
  const secrets = (await world.list(SECRET)).filter((one) => one.inputs.project === inputs.project)
  const pulled = await pull(inputs, secrets, world)
  const serve = pulled && servingOf(inputs, pulled, secrets, world, { region, subdomain: within?.outputs.subdomain })
  const revision = Number(old?.outputs.revision ?? 0) + 1
  const ready = serve === undefined ? old?.outputs.ready : revision
  const status = serve !== undefined ? 'ready' : ready === undefined ? 'failed' : 'warning'
  return {
    outputs: { ...inputs, entity_tag: world.hex(10), revision, ...(ready === undefined ? {} : { ready }), status },
    ...(serve === undefined ? {} : { serve }),
  }
}

function expectSizes(inputs: Json): void {
  const { scale_cpu_limit, scale_memory_limit, scale_ephemeral_storage_limit } = inputs
  const [memory, storage] = [scale_memory_limit, scale_ephemeral_storage_limit].map((text) => gigabytes(String(text)))
  if (memory === undefined || COMBINATIONS[String(scale_cpu_limit)]?.includes(memory) !== true)
    throw new Refusal(400, 'invalid_size', `${scale_cpu_limit} vCPU and ${scale_memory_limit} are no valid combination`)
  if (storage === undefined || storage > Math.max(memory, LEAST_STORAGE_GB))
    throw new Refusal(400, 'invalid_size', 'the ephemeral storage exceeds the memory')
  if (!(Number(inputs.scale_request_timeout) >= 1 && Number(inputs.scale_request_timeout) <= 600))
    throw new Refusal(400, 'invalid_timeout', 'scale_request_timeout is from 1 to 600')
}

function gigabytes(text: string): number | undefined {
  const [, number, unit] = /^([\d.]+)([GM])$/.exec(text) ?? []
  return number === undefined ? undefined : Number(number) / (unit === 'G' ? 1 : 1000)
}

/** The image, where it is in the account's own registry and its secret lets it be pulled. */
async function pull(inputs: Json, secrets: StoredResource[], world: World): Promise<KeptAsset | undefined> {
  const reference = String(inputs.image_reference)
  const [host = '', namespace = ''] = reference.split('/')
  const { format, data } = secrets.find((one) => one.inputs.name === inputs.image_secret)?.inputs ?? {}
  const { server, username, password } = (data ?? {}) as Json
  if (format !== 'registry' || server !== host || username !== 'iamapikey') return undefined
  const registry = host.replace(/^private\./, '')
  if (!(await mayPull(world, password, { registry, namespace }))) return undefined
  return layoutOf(world, IMAGE, reference.replace(/^private\./, ''))
}

function servingOf(
  inputs: Json,
  image: KeptAsset,
  secrets: StoredResource[],
  world: World,
  place: { region: string; subdomain: unknown },
): Serving {
  const { name, project, run_env_variables, probe_readiness, managed_domain_mappings } = inputs
  const variables = ((run_env_variables ?? []) as Variable[]).map(({ type, name: key, value, reference }) => {
    if (type === 'literal') return { [key ?? '']: value ?? '' }
    const secret = secrets.find((one) => one.inputs.name === reference)
    if (secret === undefined) throw new Refusal(400, 'secret_not_found', `there is no secret ${reference}`)
    // What the secret holds when the revision is made.
    return secret.inputs.data as Record<string, string>
  })
  const { path } = (probe_readiness ?? {}) as { path?: string }
  return {
    kind: 'handler',
    zip: image.kept,
    adapter: new URL('./run-app.ts', import.meta.url).href,
    options: { account: world.cloudAccount, ...(path === undefined ? {} : { health: path }) },
    environment: {
      ...Object.assign({}, ...variables),
      CE_APP: String(name),
      CE_PROJECT_ID: String(project).split('/')[1] ?? '',
      CE_REGION: place.region,
      CE_SUBDOMAIN: String(place.subdomain),
      CE_DOMAIN: `${place.region}.codeengine.appdomain.cloud`,
    },
    timeoutMs: Number(inputs.scale_request_timeout) * 1000,
    urlOutput: 'endpoint',
    // Without a public mapping there is no such host for who is outside.
    ...(managed_domain_mappings === 'local_public' ? {} : { shut: { status: 404, text: 'no such host' } }),
  }
}
