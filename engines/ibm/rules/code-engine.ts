import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, MONTH_S, takes, unbounded, unsafe } from '../../demand/answer.ts'
import { numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { countsTraffic } from '../registry.ts'
import { gigabytesOf } from '../sizes.ts'

type Inputs = Record<string, unknown>

const HOUR_S = 3600
/** No function has a number of instances of its own; a project has this many of all kinds at once (its page of limits). */
const INSTANCES = 250
/** Code Engine names no limit; no server answers more requests than this in a second on one CPU. An assumption of ours. */
const REQUESTS_PER_CPU_S = 20_000
/** How long an instance of an app stays when nobody asks any more: about a minute (its page on scaling). */
const STAYS_S = 60

export const codeEngine: Record<string, ResourceRule> = {
  'ibm:codeengine/project:Project': ruleById(
    'ibm:codeengine/project:Project',
    (inputs) => {
      const [region, name] = [textAt(inputs, 'region'), textAt(inputs, 'name')]
      return region === undefined || name === undefined ? null : `${region}/name:${name}`
    },
    { demand: projectDemand },
  ),
  'ibm:codeengine/secret:Secret': ruleById('ibm:codeengine/secret:Secret', inProject, { demand: () => takes() }),
  'ibm:codeengine/function:Function': ruleById('ibm:codeengine/function:Function', inProject, {
    // Reached from its project only it has no public address, and nothing calls it there.
    suspended: (inputs) => ({ ...inputs, visibility: 'project' }),
    demand: functionDemand,
  }),
  'ibm:codeengine/app:App': ruleById('ibm:codeengine/app:App', inProject, {
    // Reached from its project only it has no public address, and nothing calls it there.
    suspended: (inputs) => ({ ...inputs, managed_domain_mappings: 'local' }),
    demand: appDemand,
  }),
}

function projectDemand(inputs: Inputs): DemandAnswer {
  const region = textAt(inputs, 'region')
  if (region === undefined) return unsafe('region', inputs.region, 'a region of Code Engine')
  return takes(amount('ibm-code-engine-projects.projects', 1, 'proven', 'one project of its region', region))
}

function inProject(inputs: Inputs): string | null {
  const [project, name] = [textAt(inputs, 'project'), textAt(inputs, 'name')]
  return project === undefined || name === undefined ? null : `${project}/${name}`
}

function functionDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const cpu = numberAt(inputs, 'cpu')
  const memory = numberAt(inputs, 'memory')
  const timeout = numberAt(inputs, 'timeout')
  if (cpu === undefined) return unsafe('cpu', inputs.cpu, 'a number')
  if (memory === undefined) return unsafe('memory', inputs.memory, 'a number')
  if (timeout === undefined) return unsafe('timeout', inputs.timeout, 'a number of seconds')
  // An instance is charged for as long as it is kept after a call.
  const seconds = timeout + (numberAt(inputs, 'scaleDownDelay') ?? 1)
  const { requests } = context.expect
  const busy = (meter: string, size: number, unit: string) =>
    atMost(
      amount(meter, requests * seconds * size, 'watched', `${requests} requests × ${seconds} s × ${size} ${unit}`),
      INSTANCES * size * HOUR_S,
    )
  return takes(
    answered(requests, INSTANCES * cpu),
    busy('ibm-code-engine.cpu', cpu, 'vCPU'),
    busy('ibm-code-engine.memory', memory, 'GB'),
  )
}

function appDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const cpu = numberAt(inputs, 'scale_cpu_limit')
  const memory = gigabytesAt(inputs, 'scale_memory_limit')
  const timeout = numberAt(inputs, 'scale_request_timeout')
  if (cpu === undefined) return unsafe('scale_cpu_limit', inputs.scale_cpu_limit, 'a number')
  if (memory === undefined) return unsafe('scale_memory_limit', inputs.scale_memory_limit, 'a size, as "0.25G"')
  if (timeout === undefined) return unsafe('scale_request_timeout', inputs.scale_request_timeout, 'a number of seconds')
  const image = textAt(inputs, 'image_reference')
  if (image !== undefined && countsTraffic(image))
    return unbounded(
      'ibm-registry-free.pull-traffic',
      `each instance that starts pulls ${image} over a connection that is counted`,
      'name it by the private address of its registry',
    )
  const { requests } = context.expect
  const instances = numberAt(inputs, 'scale_max_instances') ?? 1
  // One that comes alone has its instance started, is answered within the timeout, and leaves it for a minute; then it
  // may take as long as the timeout to end. While it ends the next one may have started.
  const seconds = 2 * timeout + STAYS_S
  const most = instances + 1
  const busy = (meter: string, size: number, unit: string) =>
    atMost(
      amount(
        meter,
        Math.min(requests * seconds, most * MONTH_S) * size,
        'watched',
        `${requests} requests × ${seconds} s × ${size} ${unit}`,
      ),
      most * size * HOUR_S,
    )
  return takes(
    answered(requests, most * cpu),
    busy('ibm-code-engine.cpu', cpu, 'vCPU'),
    busy('ibm-code-engine.memory', memory, 'GB'),
  )
}

function gigabytesAt(inputs: Inputs, property: string): number | undefined {
  const text = textAt(inputs, property)
  return text !== undefined && /^\d{1,6}(\.\d{1,6})?[GM]$/.test(text) ? gigabytesOf(text) : undefined
}

/** Requests, and no more in an hour than so many vCPUs can answer. */
function answered(requests: number, cpus: number) {
  return atMost(
    amount('ibm-code-engine.requests', requests, 'watched', `${requests} requests expected a month`),
    cpus * REQUESTS_PER_CPU_S * HOUR_S,
  )
}
