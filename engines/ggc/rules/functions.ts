import type { Amount, DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, least, MONTH_S, takes, unsafe } from '../../demand/answer.ts'
import { listAt, numberAt, textAt, valueAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { notFree } from './place.ts'
import { cpuFor, gibibytes } from './sizes.ts'

type Inputs = Record<string, unknown>

const MAX_INSTANCES = 2
/** A deployment builds for about two minutes; ten of them a month, and an image of about 100 MB stays. */
const BUILD_MINUTES = 20
const IMAGE_GB = 0.1
const LOG_KB_PER_REQUEST = 1

export const functions: Record<string, ResourceRule> = {
  'gcp:cloudfunctionsv2/function:Function': ruleById('gcp:cloudfunctionsv2/function:Function', placed, {
    tagged: 'labels',
    safe: (inputs) => withScaling(inputs, 'serviceConfig', { minInstanceCount: 0, maxInstanceCount: 1 }),
    demand: functionDemand,
  }),
  'gcp:cloudrunv2/service:Service': ruleById('gcp:cloudrunv2/service:Service', placed, {
    tagged: 'labels',
    demand: serviceDemand,
  }),
  'gcp:cloudrunv2/serviceIamMember:ServiceIamMember': ruleById(
    'gcp:cloudrunv2/serviceIamMember:ServiceIamMember',
    memberId,
    {
      demand: () => takes(),
    },
  ),
}

function functionDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const place = notFree('location', inputs, context)
  if (place !== undefined) return place
  if (inputs.eventTrigger !== undefined) return unsafe('eventTrigger', inputs.eventTrigger, 'requests over HTTP only')
  if (valueAt(inputs, 'serviceConfig.vpcConnector') !== undefined)
    return unsafe('serviceConfig.vpcConnector', true, 'none: connectors are charged')
  if (valueAt(inputs, 'buildConfig.workerPool') !== undefined)
    return unsafe('buildConfig.workerPool', true, 'none: private pools are charged')
  const scaling = scalingOf(
    numberAt(inputs, 'serviceConfig.minInstanceCount'),
    numberAt(inputs, 'serviceConfig.maxInstanceCount'),
    'serviceConfig',
  )
  if (typeof scaling !== 'number') return scaling
  const memory = gibibytes(textAt(inputs, 'serviceConfig.availableMemory') ?? '256Mi')
  if (memory === undefined)
    return unsafe(
      'serviceConfig.availableMemory',
      valueAt(inputs, 'serviceConfig.availableMemory'),
      'as 256Mi, up to 32Gi',
    )
  const cpu = numberAt(inputs, 'serviceConfig.availableCpu') ?? cpuFor(memory)
  const timeout = numberAt(inputs, 'serviceConfig.timeoutSeconds') ?? 60
  const { requests } = context.expect
  const busy = { requests, timeout, instances: scaling }
  return takes(
    ...running(busy, cpu, memory, context),
    // The second generation is named on both lists: it is held on both (source F1, conditions of gcp-functions).
    amount('gcp-functions.invocations', requests, 'watched', `${requests} requests expected a month`),
    bounded('gcp-functions.memory', memory * 1.073742, 'GB', busy),
    bounded('gcp-functions.cpu', cpu * 2.4, 'GHz', busy),
    amount('gcp-cloud-build.build', BUILD_MINUTES, 'watched', `ten deployments a month × 2 minutes`),
    amount('gcp-artifact-registry.storage', IMAGE_GB, 'watched', `one image of about ${IMAGE_GB} GB`),
  )
}

function serviceDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const place = notFree('location', inputs, context)
  if (place !== undefined) return place
  const scaling = scalingOf(
    numberAt(inputs, 'template.scaling.minInstanceCount') ?? 0,
    numberAt(inputs, 'template.scaling.maxInstanceCount'),
    'template.scaling',
  )
  if (typeof scaling !== 'number') return scaling
  let cpu = 0
  let memory = 0
  for (const [i, container] of (listAt(inputs, 'template.containers') as Inputs[]).entries()) {
    const at = `template.containers[${i}].resources`
    if (valueAt(container, 'resources.cpuIdle') === false)
      return unsafe(`${at}.cpuIdle`, false, 'true: billed by request')
    const size = gibibytes(textAt(container, 'resources.limits.memory') ?? '512Mi')
    const cores = numberAt(container, 'resources.limits.cpu') ?? 1
    if (size === undefined)
      return unsafe(`${at}.limits.memory`, valueAt(container, 'resources.limits.memory'), 'as 512Mi, up to 32Gi')
    cpu += cores
    memory += size
  }
  if (cpu === 0) return unsafe('template.containers', undefined, 'at least one container')
  const timeout = Number(/^(\d+)s$/.exec(textAt(inputs, 'template.timeout') ?? '300s')?.[1] ?? 300)
  return takes(...running({ requests: context.expect.requests, timeout, instances: scaling }, cpu, memory, context))
}

interface Busy {
  requests: number
  timeout: number
  instances: number
}

/** What every revision of Cloud Run takes while it answers. */
function running(busy: Busy, cpu: number, memory: number, context: DemandContext): Amount[] {
  const { egressMb } = context.expect
  return [
    amount('gcp-cloud-run.requests', busy.requests, 'watched', `${busy.requests} requests expected a month`),
    bounded('gcp-cloud-run.cpu', cpu, 'vCPU', busy),
    bounded('gcp-cloud-run.memory', memory, 'GiB', busy),
    amount('gcp-cloud-run.egress-from-North-America', egressMb / 1000, 'watched', `${egressMb} MB expected a month`),
    amount(
      'gcp-logging.log-ingestion',
      (busy.requests * LOG_KB_PER_REQUEST * 1000) / 2 ** 30,
      'watched',
      `${busy.requests} requests × ${LOG_KB_PER_REQUEST} kB`,
    ),
  ]
}

function bounded(meter: string, size: number, unit: string, { requests, timeout, instances }: Busy): Amount {
  const shown = Number(size.toFixed(4))
  return least(
    amount(meter, instances * size * MONTH_S, 'proven', `${instances} instance(s) × ${shown} ${unit} × ${MONTH_S} s`),
    amount(meter, requests * timeout * size, 'watched', `${requests} requests × ${timeout} s × ${shown} ${unit}`),
  )
}

function scalingOf(min: number | undefined, max: number | undefined, at: string): number | DemandAnswer {
  if (min !== 0) return unsafe(`${at}.minInstanceCount`, min, '0: a standing instance is charged while it waits')
  if (max === undefined || max < 1 || max > MAX_INSTANCES)
    return unsafe(`${at}.maxInstanceCount`, max, `1 to ${MAX_INSTANCES}`)
  return max
}

function withScaling(inputs: Inputs, key: string, values: Inputs): Inputs {
  const given = inputs[key] ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) return inputs
  const missing = Object.entries(values).filter(([name]) => (given as Inputs)[name] === undefined)
  return missing.length === 0 ? inputs : { ...inputs, [key]: { ...given, ...Object.fromEntries(missing) } }
}

function placed(inputs: Inputs): string | null {
  const location = textAt(inputs, 'location')
  const name = textAt(inputs, 'name')
  return location === undefined || name === undefined ? null : `${location}/${name}`
}

function memberId(inputs: Inputs): string | null {
  const at = placed(inputs)
  const role = textAt(inputs, 'role')
  const member = textAt(inputs, 'member')
  return at === null || role === undefined || member === undefined ? null : `${at} ${role} ${member}`
}
