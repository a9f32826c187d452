import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Firing, Json, Serving, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { writeZip } from '../../../stacks/sandbox/zip/write.ts'
import { type Schedule, timesOf } from '../../parts/schedule/cron.ts'
import { RUN_JOB } from './machine-calls.ts'
import { made } from './made.ts'
import { whyOutOfReach } from './network.ts'
import { OBJECT } from './storage.ts'

export const INSTANCE = 'oci:Core/instance:Instance'
const SHAPES = /^(VM|BM)\.[A-Za-z0-9.]+$/
/** User data and the rest together (page on updating instance metadata). */
const MOST_METADATA = 32_000

/** A machine. One with user data boots: it runs what its metadata name, in a process of its own. */
export const instance: SimulatedResource = {
  replaceOn: [
    'availabilityDomain',
    'sourceDetails.sourceId',
    'sourceDetails.sourceType',
    'subnetId',
    'createVnicDetails.subnetId',
    'metadata.user_data',
  ],
  async check(inputs) {
    const failures = []
    if (typeof inputs.shape === 'string' && !SHAPES.test(inputs.shape))
      failures.push({ property: 'shape', reason: `400-InvalidParameter, Invalid shape ${inputs.shape}` })
    const size = JSON.stringify(inputs.metadata ?? {}).length
    if (size > MOST_METADATA)
      failures.push({ property: 'metadata', reason: `400-InvalidParameter, The metadata has ${size} bytes` })
    return { failures }
  },
  async create(inputs, world) {
    const { id, outputs } = made('instance', inputs, world, { state: 'RUNNING', publicIp: '203.0.113.20' })
    return { id, outputs, ...(await served(id, inputs, world)) }
  },
  async update(id, inputs, old, world) {
    const { publicIp, timeCreated, state } = old.outputs
    return { outputs: { ...inputs, publicIp, timeCreated, state }, ...(await served(id, inputs, world)) }
  },
  async fires(stored, after, until, world) {
    const jobs = (await planned(stored.inputs, world)).filter((one) => one.schedule !== undefined)
    return jobs
      .flatMap(({ name, schedule }) =>
        [...timesOf(schedule as Schedule, after, until)].map((at): Firing => {
          const request = { method: RUN_JOB, path: `/${name}`, query: '', headers: {}, body: new Uint8Array() }
          return { at, target: { type: INSTANCE, id: stored.id }, request }
        }),
      )
      .sort((a, b) => a.at - b.at)
  },
}

/** What the machine hears of a change it hears from its metadata: what is served stays the same meanwhile. */
async function served(id: string, inputs: Json, world: World): Promise<{ serve?: Serving }> {
  const { user_data: userData } = metadataOf(inputs)
  if (typeof userData !== 'string') return {}
  const disk = await writeZip([{ path: 'user-data', bytes: Buffer.from(userData, 'base64') }])
  const why = await whyOutOfReach(inputs, world)
  return {
    serve: {
      kind: 'handler',
      zip: await world.keep(disk),
      adapter: pathToFileURL(join(import.meta.dirname, 'machine-runtime.ts')).href,
      options: { instance: id, tenancy: world.cloudAccount, ocpus: ((inputs.shapeConfig ?? {}) as Json).ocpus ?? 1 },
      environment: {},
      urlOutput: 'sandboxAddress',
      hostOutput: 'publicIp',
      timeoutMs: 60_000,
      ...(why === undefined ? {} : { shut: { status: 504, text: `the connection timed out: ${why}` } }),
    },
  }
}

export function metadataOf(inputs: Json): Json {
  return (inputs.metadata ?? {}) as Json
}

/** The components that the machine's plan names, which lies where its metadata say. */
async function planned(inputs: Json, world: World): Promise<{ name: string; schedule?: Schedule }[]> {
  const bucket = /\/b\/([^/]+)\/o\/$/.exec(String(metadataOf(inputs).pipi_source))?.[1]
  const plan = (await world.list(OBJECT)).find(
    (one) => one.inputs.bucket === bucket && one.inputs.object === 'plan.json',
  )
  return plan === undefined ? [] : JSON.parse(String(plan.inputs.content)).components
}
