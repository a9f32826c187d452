import type { Json, KeptAsset, Serving, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { byHand } from './by-hand.ts'
import { projectOf } from './identify.ts'
import { REGIONS } from './regions.ts'
import { FUNCTION, INVOKER, idOf } from './run-names.ts'
import { keptAt, keptIn, OBJECT } from './storage.ts'
import { LABELS, labelled, section, text } from './values.ts'

const RUNTIMES = [
  'nodejs20',
  'nodejs22',
  'nodejs24',
  'python312',
  'python313',
  'go124',
  'java21',
  'dotnet8',
  'ruby33',
  'php83',
]
const RESERVED = new Set([
  'PORT',
  'K_SERVICE',
  'K_REVISION',
  'K_CONFIGURATION',
  'FUNCTION_TARGET',
  'FUNCTION_SIGNATURE_TYPE',
])

/** Cloud Run functions. */
export const functions: Record<string, SimulatedResource> = {
  [FUNCTION]: {
    replaceOn: ['name', 'location', 'project'],
    deleteBeforeReplace: true,
    tagProperty: 'labels',
    secretOutputs: LABELS,
    asByHand: byHand,
    unique: (inputs) => {
      const name = `${text(inputs, 'location')}/${text(inputs, 'name')}`
      return {
        name,
        taken: `Error creating function: googleapi: Error 409: Could not create Cloud Run service ${text(inputs, 'name')}. A Cloud Run service with this name already exists.`,
      }
    },
    check: async (inputs) => ({ inputs: withDefaults(inputs), failures: failuresOf(inputs) }),
    importId: (id, world) => {
      const short = /^([^/ ]+)\/([^/ ]+)$/.exec(id)
      return short === null ? id : idOf(world, 'functions', short[1] ?? '', short[2] ?? '')
    },
    async create(inputs, world) {
      const location = text(inputs, 'location') ?? world.region
      const name = text(inputs, 'name') ?? `function-${world.hex(7)}`
      const id = idOf(world, 'functions', location, name)
      return { id, ...(await build(location, name, inputs, world)) }
    },
    update: (_id, inputs, old, world) =>
      build(text(old.inputs, 'location') ?? world.region, text(old.outputs, 'name') ?? '', inputs, world),
  },
}

function failuresOf(inputs: Json): { property: string; reason: string }[] {
  const failures: { property: string; reason: string }[] = []
  const location = text(inputs, 'location')
  if (location !== undefined && !REGIONS.has(location)) {
    failures.push({
      property: 'location',
      reason: `googleapi: Error 400: Location ${location} is not found or access is unauthorized., badRequest`,
    })
  }
  const name = text(inputs, 'name')
  if (name !== undefined && !/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
    failures.push({ property: 'name', reason: `googleapi: Error 400: Invalid function name ${name}` })
  const runtime = text(section(inputs, 'buildConfig'), 'runtime')
  if (runtime !== undefined && !RUNTIMES.includes(runtime))
    failures.push({ property: 'buildConfig.runtime', reason: `googleapi: Error 400: Invalid runtime '${runtime}'` })
  const service = section(inputs, 'serviceConfig')
  const memory = text(service, 'availableMemory')
  if (memory !== undefined && !/^\d+(\.\d+)?(k|M|G|Mi|Gi)?$/.test(memory))
    failures.push({
      property: 'serviceConfig.availableMemory',
      reason: `googleapi: Error 400: Invalid memory '${memory}'`,
    })
  const reserved = Object.keys(section(service, 'environmentVariables')).filter((key) => RESERVED.has(key))
  if (reserved.length > 0)
    failures.push({
      property: 'serviceConfig.environmentVariables',
      reason: `googleapi: Error 400: The following reserved environment variable names were used: ${reserved.join(', ')}`,
    })
  return failures
}

/** What the provider's Check fills in. Whole sections, since a section is compared as one. */
function withDefaults(inputs: Json): Json {
  const service = {
    availableMemory: '256M',
    timeoutSeconds: 60,
    maxInstanceRequestConcurrency: 1,
    ingressSettings: 'ALLOW_ALL',
    ...section(inputs, 'serviceConfig'),
  }
  return { ...inputs, serviceConfig: service }
}

/** The build, which fails for what is not there, and the service that comes out of it. */
async function build(
  location: string,
  name: string,
  inputs: Json,
  world: World,
): Promise<{ outputs: Json; serve: Serving }> {
  const config = section(inputs, 'buildConfig')
  const source = section(section(config, 'source'), 'storageSource')
  const zip =
    keptAt(inputs.byHand) ?? (await sourceZip(text(source, 'bucket') ?? '', text(source, 'object') ?? '', world))
  const service = section(inputs, 'serviceConfig')
  const project = projectOf(world.cloudAccount)
  const uri = `https://${name}-${world.hex(10)}-uc.a.run.app`
  return {
    outputs: {
      ...inputs,
      ...labelled(inputs),
      name,
      location,
      project,
      environment: 'GEN_2',
      state: 'ACTIVE',
      updateTime: new Date(world.now()).toISOString(),
      url: `https://${location}-${project}.cloudfunctions.net/${name}`,
      serviceConfig: { ...service, service: `projects/${project}/locations/${location}/services/${name}`, uri },
    },
    serve: {
      kind: 'handler',
      zip: zip.kept,
      adapter: new URL('./functions-framework.ts', import.meta.url).href,
      options: {
        entryPoint: text(config, 'entryPoint') ?? name,
        project,
        // Without one of its own, a function runs as the project's default account.
        email: text(service, 'serviceAccountEmail') ?? `412907000000-compute@developer.${project}`,
      },
      environment: {
        ...(section(service, 'environmentVariables') as Record<string, string>),
        K_SERVICE: name,
        K_REVISION: `${name}-00001-${world.hex(3)}`,
        FUNCTION_TARGET: text(config, 'entryPoint') ?? name,
      },
      timeoutMs: Number(service.timeoutSeconds ?? 60) * 1000,
      urlOutput: 'url',
      // Who makes one at the console says there that everybody may call it.
      ...(inputs.byHand === undefined
        ? { openedBy: { type: INVOKER, inputs: { name, location, member: 'allUsers' } } }
        : {}),
      // Requests from outside end at Google's own front: nothing of the function runs.
      ...(String(service.ingressSettings).startsWith('ALLOW_INTERNAL')
        ? { shut: { status: 404, text: 'Page not found' } }
        : {}),
    },
  }
}

async function sourceZip(bucket: string, object: string, world: World): Promise<KeptAsset> {
  const found = (await world.list(OBJECT)).find((one) => one.inputs.bucket === bucket && one.outputs.name === object)
  const kept = found === undefined ? undefined : keptIn(found.inputs)
  if (kept === undefined) {
    throw new Error(
      `Error waiting to create function: Error code 3, message: Build failed with status: FAILURE. Could not fetch source gs://${bucket}/${object}: No such object`,
    )
  }
  return kept
}
