import type { Json, World } from '../../../stacks/contract/sandbox.ts'
import type { Wall } from '../../parts/sandbox/walled.ts'
import { section, text } from './values.ts'

const OVERRIDE = 'gcp:serviceusage/consumerQuotaOverride:ConsumerQuotaOverride'

interface Taken {
  metric: string
  amount: number
  /** Empty for what is counted per project. */
  region: string
}

/** Quotas of Compute Engine as a project's owner has lowered them; what was there before stays. */
export const quotaWall: Wall = async ({ type, inputs, id }, world) => {
  const asked = takenBy(type, inputs, world)
  if (asked.length === 0) return
  const others = (await world.list()).filter((one) => one.type !== type || one.id !== id)
  const lowered = await overrides(world)
  for (const { metric, amount, region } of asked) {
    const limit = lowered.get(metric)
    const used = others
      .flatMap((one) => takenBy(one.type, one.inputs, world))
      .filter((one) => one.metric === metric && one.region === region)
      .reduce((sum, one) => sum + one.amount, 0)
    if (limit !== undefined && used + amount > limit)
      throw new Error(
        `googleapi: Error 403: Quota '${metric.toUpperCase()}' exceeded.  Limit: ${limit.toFixed(1)} ${region === '' ? 'globally' : `in region ${region}`}., quotaExceeded`,
      )
  }
}

async function overrides(world: World): Promise<Map<string, number>> {
  return new Map(
    (await world.list(OVERRIDE)).map(({ inputs }) => [
      decodeURIComponent(text(inputs, 'metric') ?? '').replace(/^.*\//, ''),
      Number(inputs.overrideValue),
    ]),
  )
}

function takenBy(type: string, inputs: Json, world: World): Taken[] {
  if (type === 'gcp:compute/address:Address')
    return [{ metric: 'regional_static_addresses', amount: 1, region: text(inputs, 'region') ?? world.region }]
  if (type !== 'gcp:compute/instance:Instance') return []
  const region = (text(inputs, 'zone') ?? world.region).replace(/-[a-f]$/, '')
  const disk = section(section(inputs, 'bootDisk'), 'initializeParams')
  const fast = (text(disk, 'type') ?? 'pd-balanced') !== 'pd-standard'
  const networks = Array.isArray(inputs.networkInterfaces) ? (inputs.networkInterfaces as Json[]) : []
  const addresses = networks.filter((one) => Array.isArray(one.accessConfigs) && one.accessConfigs.length > 0).length
  const taken: Taken[] = [
    { metric: 'cpus_all_regions', amount: cpusOf(text(inputs, 'machineType') ?? ''), region: '' },
    { metric: fast ? 'ssd_total_storage' : 'disks_total_storage', amount: Number(disk.size ?? 10), region },
    { metric: 'regional_in_use_addresses', amount: addresses, region },
  ]
  return taken.filter((one) => one.amount > 0)
}

/** Shared ones count two; of the others the name says it. */
function cpusOf(machine: string): number {
  return Number(/-(\d+)$/.exec(machine)?.[1] ?? 2)
}
