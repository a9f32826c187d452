import type { Firing, Json, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { parseSchedule, timesOf } from '../../parts/schedule/cron.ts'
import { projectOf } from './identify.ts'
import { FUNCTION, INVOKER } from './run-names.ts'
import { section, text } from './values.ts'

export const JOB = 'gcp:cloudscheduler/job:Job'

/** Cloud Scheduler, as far as it calls functions. */
export const scheduler: Record<string, SimulatedResource> = {
  [JOB]: {
    replaceOn: ['name', 'region', 'project'],
    deleteBeforeReplace: true,
    importId: (id, world) => {
      const [, region, name] = /^([^/ ]+)\/([^/ ]+)$/.exec(id) ?? []
      return region === undefined ? id : jobId(world, region, name ?? '')
    },
    async check(inputs) {
      const failures: { property: string; reason: string }[] = []
      const schedule = text(inputs, 'schedule')
      try {
        if (schedule !== undefined) parseSchedule(schedule)
      } catch {
        failures.push({ property: 'schedule', reason: 'googleapi: Error 400: Schedule or time zone is invalid.' })
      }
      return { inputs: { timeZone: 'Etc/UTC', attemptDeadline: '180s', ...inputs }, failures }
    },
    async create(inputs, world) {
      const region = text(inputs, 'region') ?? world.region
      const name = text(inputs, 'name') ?? `job-${world.hex(7)}`
      return { id: jobId(world, region, name), outputs: { ...inputs, name, region, ...pausedBy(inputs) } }
    },
    update: async (_id, inputs, old) => ({ outputs: { ...old.outputs, ...inputs, ...pausedBy(inputs) } }),
    async fires({ inputs, outputs }, after, until, world) {
      if (outputs.paused === true) return []
      const target = section(inputs, 'httpTarget')
      const fn = await calledBy(String(target.uri), text(section(target, 'oidcToken'), 'serviceAccountEmail'), world)
      if (fn === undefined) return []
      return [...timesOf(parseSchedule(String(inputs.schedule)), after, until)].map((at) => firing(at, fn))
    },
  },
}

/** The function at the address, where its caller may invoke it. */
async function calledBy(uri: string, email: string | undefined, world: World): Promise<string | undefined> {
  const fn = (await world.list(FUNCTION)).find((one) => one.outputs.url === uri)
  const allowed = (await world.list(INVOKER)).some(
    ({ inputs }) => inputs.name === fn?.outputs.name && inputs.member === `serviceAccount:${email}`,
  )
  return allowed ? fn?.id : undefined
}

function firing(at: number, id: string): Firing {
  const headers = { 'user-agent': 'Google-Cloud-Scheduler', 'x-cloudscheduler': 'true' }
  return {
    at,
    target: { type: FUNCTION, id },
    request: { method: 'POST', path: '/', query: '', headers, body: new Uint8Array() },
  }
}

function pausedBy({ paused }: Json): Json {
  return { paused: paused === true, state: paused === true ? 'PAUSED' : 'ENABLED' }
}

function jobId(world: World, region: string, name: string): string {
  return `projects/${projectOf(world.cloudAccount)}/locations/${region}/jobs/${name}`
}
