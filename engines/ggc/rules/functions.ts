import type { Amount, DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, least, MONTH_H, MONTH_S, takes, unsafe } from '../../demand/answer.ts'
import { listAt, numberAt, textAt, valueAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { cpuFor, gibibytes } from './sizes.ts'

type Inputs = Record<string, unknown>

const HOUR_S = 3600
/** More instances than were asked for may run for a moment (Google's page on maximum instances): no proof rests on them. */
const BEYOND_MAXIMUM = 1
/** Cloud Run names no limit; no server answers more requests than this in a second on one CPU. An assumption of ours. */
const REQUESTS_PER_CPU_S = 20_000
/** 1 Gbit/s is what an instance sends at most, by Google's page on direct VPC egress. */
const SENT_GB_PER_S = 0.125
/** 4.8 GB a minute are taken into the logs of one region of a project (quotas of Cloud Logging). */
const LOG_GIB_PER_HOUR = (4.8e9 * 60) / 2 ** 30
/** A deployment builds for about two minutes; ten of them a month, and an image of about 100 MB stays. */
const BUILD_MINUTES = 20
const IMAGE_GB = 0.1
const LOG_KB_PER_REQUEST = 1

export const functions: Record<string, ResourceRule> = {
  'gcp:cloudfunctionsv2/function:Function': ruleById('gcp:cloudfunctionsv2/function:Function', placed, {
    tagged: 'labels',
    // No number of instances is none: but requests from outside are then answered 404 by Google itself.
    suspended: (inputs) => inSection(inputs, 'serviceConfig', { ingressSettings: 'ALLOW_INTERNAL_ONLY' }),
    demand: functionDemand,
  }),
  'gcp:cloudrunv2/service:Service': ruleById('gcp:cloudrunv2/service:Service', placed, {
    tagged: 'labels',
    suspended: (inputs) => ({ ...inputs, ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' }),
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
  const instances = numberAt(inputs, 'serviceConfig.maxInstanceCount')
  if (instances === undefined) return unsafe('serviceConfig.maxInstanceCount', undefined, 'a number')
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
  const busy = { requests, timeout, instances: instances + BEYOND_MAXIMUM }
  return takes(
    ...running(busy, cpu, memory, context, boosted(cpu)),
    // The second generation is named on both lists: it is held on both (source F1, conditions of gcp-functions).
    atMost(
      amount('gcp-functions.invocations', requests, 'watched', `${requests} requests expected a month`),
      busy.instances * cpu * REQUESTS_PER_CPU_S * HOUR_S,
    ),
    bounded('gcp-functions.memory', memory * 1.073742, 'GB', busy),
    bounded('gcp-functions.cpu', cpu * 2.4, 'GHz', busy, boosted(cpu) * 2.4),
    atMost(amount('gcp-cloud-build.build', BUILD_MINUTES, 'watched', `ten deployments a month × 2 minutes`), 60),
    atMost(
      amount('gcp-artifact-registry.storage', IMAGE_GB, 'watched', `one image of about ${IMAGE_GB} GB`),
      // Gigabyte-months: what lies there takes its share of a month in each hour. Only our own deployments build.
      IMAGE_GB / MONTH_H,
    ),
  )
}

function serviceDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const instances = numberAt(inputs, 'template.scaling.maxInstanceCount')
  if (instances === undefined) return unsafe('template.scaling.maxInstanceCount', undefined, 'a number')
  let cpu = 0
  let memory = 0
  for (const [i, container] of (listAt(inputs, 'template.containers') as Inputs[]).entries()) {
    const at = `template.containers[${i}].resources`
    const size = gibibytes(textAt(container, 'resources.limits.memory') ?? '512Mi')
    const cores = numberAt(container, 'resources.limits.cpu') ?? 1
    if (size === undefined)
      return unsafe(`${at}.limits.memory`, valueAt(container, 'resources.limits.memory'), 'as 512Mi, up to 32Gi')
    cpu += cores
    memory += size
  }
  if (cpu === 0) return unsafe('template.containers', undefined, 'at least one container')
  const timeout = Number(/^(\d+)s$/.exec(textAt(inputs, 'template.timeout') ?? '300s')?.[1] ?? 300)
  const busy = { requests: context.expect.requests, timeout, instances: instances + BEYOND_MAXIMUM }
  return takes(...running(busy, cpu, memory, context))
}

interface Busy {
  requests: number
  timeout: number
  /** At once, at most. */
  instances: number
}

/** What a starting instance has for some seconds: functions always get it, and it is charged (page on startup CPU boost). */
function boosted(cpu: number): number {
  return cpu <= 1 ? 2 : Math.min(8, cpu * 2)
}

/** What every revision of Cloud Run takes while it answers. */
function running(busy: Busy, cpu: number, memory: number, context: DemandContext, peakCpu = cpu): Amount[] {
  const { egressMb } = context.expect
  return [
    atMost(
      amount('gcp-cloud-run.requests', busy.requests, 'watched', `${busy.requests} requests expected a month`),
      busy.instances * cpu * REQUESTS_PER_CPU_S * HOUR_S,
    ),
    bounded('gcp-cloud-run.cpu', cpu, 'vCPU', busy, peakCpu),
    bounded('gcp-cloud-run.memory', memory, 'GiB', busy),
    atMost(
      amount('gcp-cloud-run.egress-from-North-America', egressMb / 1000, 'watched', `${egressMb} MB expected a month`),
      busy.instances * SENT_GB_PER_S * HOUR_S,
    ),
    atMost(
      amount(
        'gcp-logging.log-ingestion',
        (busy.requests * LOG_KB_PER_REQUEST * 1000) / 2 ** 30,
        'watched',
        `${busy.requests} requests × ${LOG_KB_PER_REQUEST} kB`,
      ),
      LOG_GIB_PER_HOUR,
    ),
  ]
}

function bounded(meter: string, size: number, unit: string, busy: Busy, peak = size): Amount {
  const { requests, timeout, instances } = busy
  const [usual, most] = [Number(size.toFixed(4)), Number(peak.toFixed(4))]
  return atMost(
    least(
      amount(meter, instances * peak * MONTH_S, 'watched', `${instances} instances × ${most} ${unit} × ${MONTH_S} s`),
      amount(meter, requests * timeout * size, 'watched', `${requests} requests × ${timeout} s × ${usual} ${unit}`),
    ),
    instances * peak * HOUR_S,
  )
}

function inSection(inputs: Inputs, key: string, values: Inputs): Inputs {
  const section = inputs[key]
  return { ...inputs, [key]: { ...(typeof section === 'object' && section !== null ? section : {}), ...values } }
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
