import type { Json, Serving, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { writeZip } from '../../../stacks/sandbox/zip/write.ts'
import { guidOf } from './identify.ts'
import { Refusal } from './refusal.ts'
import { FUNCTION, PROJECT, SECRET } from './types.ts'

const REGIONS = ['us-south', 'us-east', 'eu-de', 'eu-gb', 'ca-tor', 'jp-tok', 'jp-osa', 'au-syd', 'br-sao']
const RUNTIMES = ['nodejs-20', 'nodejs-22', 'nodejs-24', 'python-3.11', 'python-3.13']
const SIZES: Record<string, number> = { '0.25': 1, '0.5': 2, '1': 4 }
const MOST = { projects: 20, functions: 20, secrets: 100 }

/** Code Engine: folders, secrets and functions. */
export const codeEngine: Record<string, SimulatedResource> = {
  [PROJECT]: {
    replaceOn: ['name', 'region'],
    unique: ({ region, name }) => ({
      name: `${String(region)}/${String(name)}`,
      taken: `AlreadyExists: a project named "${String(name)}" exists already`,
    }),
    async create(inputs, world) {
      const { name, region } = inputs
      if (!REGIONS.includes(String(region))) throw new Refusal(404, 'not_found', `there is no region ${String(region)}`)
      const there = (await world.list(PROJECT)).filter((one) => one.inputs.region === region)
      if (there.length >= MOST.projects)
        throw new Refusal(403, 'quota_exceeded', `a region has at most ${MOST.projects} projects`)
      const guid = guidOf(world.hex(32))
      const created_at = new Date(world.now()).toISOString()
      return { id: `${String(region)}/${guid}`, outputs: { name, region, guid, created_at, subdomain: world.hex(11) } }
    },
  },
  [SECRET]: {
    replaceOn: ['project', 'name'],
    async create(inputs, world) {
      await inProject(inputs, SECRET, MOST.secrets, world)
      return { id: idOf(inputs), outputs: { ...inputs, entity_tag: world.hex(10) } }
    },
    update: async (_id, inputs, _old, world) => ({ outputs: { ...inputs, entity_tag: world.hex(10) } }),
  },
  [FUNCTION]: {
    replaceOn: ['project', 'name'],
    asByHand: byHand,
    async create(inputs, world) {
      await inProject(inputs, FUNCTION, MOST.functions, world)
      return { id: idOf(inputs), ...(await deployed(inputs, world)) }
    },
    update: (_id, inputs, _old, world) => deployed(inputs, world),
  },
}

export function idOf({ project, name }: Json): string {
  return `${String(project)}/${String(name)}`
}

export async function inProject(inputs: Json, type: string, most: number, world: World): Promise<void> {
  const project = (await world.list(PROJECT)).find((one) => one.id === inputs.project)
  if (project === undefined)
    throw new Refusal(404, 'project_not_found', `there is no project ${String(inputs.project)}`)
  const there = (await world.list(type)).filter((one) => one.inputs.project === inputs.project)
  if (there.some((one) => one.inputs.name === inputs.name))
    throw new Refusal(409, 'resource_exists', `"${String(inputs.name)}" exists already in the project`)
  if (there.length >= most) throw new Refusal(403, 'quota_exceeded', `a project has at most ${most} of these`)
}

/** The console begins with an example in a project. */
async function byHand(inputs: Json, world: World): Promise<Json> {
  const project = (await world.list(PROJECT))[0]
  const code = Buffer.from('module.exports.main = () => ({ statusCode: 200, body: "Hello" })\n')
  return {
    project: project?.id,
    name: `by-hand-${world.hex(5)}`,
    runtime: 'nodejs-24',
    ...(await keptCode(code, world)),
    cpu: 1,
    memory: 4,
    timeout: 60,
    scaleDownDelay: 1,
    visibility: 'public',
    ...inputs,
  }
}

/** Code as it was sent, and as the runtime finds it. */
export async function keptCode(bytes: Uint8Array, world: World): Promise<{ code: string; zip: string }> {
  return { code: await world.keep(bytes), zip: await world.keep(await writeZip([{ path: 'main.js', bytes }])) }
}

async function deployed(inputs: Json, world: World): Promise<{ outputs: Json; serve: Serving }> {
  const { project, name, runtime, cpu, memory, timeout, visibility } = inputs
  if (!RUNTIMES.includes(String(runtime)))
    throw new Refusal(400, 'invalid_runtime', `"${String(runtime)}" is not one of ${RUNTIMES.join(', ')}`)
  if (SIZES[String(cpu)] !== memory)
    throw new Refusal(400, 'invalid_size', `${String(cpu)} vCPU and ${String(memory)} GB are no supported combination`)
  if (!(Number(timeout) >= 1 && Number(timeout) <= 120))
    throw new Refusal(400, 'invalid_timeout', 'scale_max_execution_time is from 1 to 120')
  const within = (await world.list(PROJECT)).find((one) => one.id === project)
  const region = String(project).split('/')[0]
  const secrets = await world.list(SECRET)
  const secret = secrets.find((one) => one.inputs.project === project && one.inputs.name === inputs.secret)
  if (inputs.secret !== undefined && secret === undefined)
    throw new Refusal(400, 'secret_not_found', `there is no secret ${String(inputs.secret)}`)
  return {
    outputs: {
      ...inputs,
      entity_tag: world.hex(10),
      address: `https://${String(name)}.${String(within?.outputs.subdomain)}.${region}.codeengine.appdomain.cloud`,
    },
    serve: {
      kind: 'handler',
      zip: String(inputs.zip),
      adapter: new URL('./function-runtime.ts', import.meta.url).href,
      options: { account: world.cloudAccount },
      environment: {
        // What the secret holds when the function is deployed.
        ...(secret?.inputs.data as Record<string, string> | undefined),
        ...(inputs.configuration === undefined ? {} : { PIPI_CONFIGURATION: String(inputs.configuration) }),
        CE_FUNCTION: String(name),
        CE_PROJECT_ID: String(project).split('/')[1] ?? '',
        CE_REGION: region ?? '',
      },
      timeoutMs: Number(timeout) * 1000,
      urlOutput: 'endpoint',
      // Without a public mapping there is no such host for who is outside.
      ...(visibility === 'public' ? {} : { shut: { status: 404, text: 'no such host' } }),
    },
  }
}
