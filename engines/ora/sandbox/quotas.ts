import type { Json, StoredResource, World } from '../../../stacks/contract/sandbox.ts'
import type { Wall } from '../../parts/sandbox/walled.ts'
import { wasUpgraded } from './identify.ts'

/** How much a resource takes of something that quotas and service limits count. */
interface Taken {
  family: string
  name: string
  amount: number
}

const QUOTA = 'oci:Limits/quota:Quota'
const STATEMENT = /^(zero|set|unset) (\S+) quotas?(?: (\S+))?(?: to (\d+))? in (?:tenancy|compartment \S+)$/i

/** Service limits of a tenancy that was never upgraded; of what is not named here it has none. */
const FREE_LIMITS: Record<string, number> = {
  'standard-a1-core-count': 2,
  'standard-a1-core-regional-count': 2,
  'standard-a1-memory-count': 12,
  'standard-a1-memory-regional-count': 12,
  'vm-standard-e2-1-micro-count': 2,
  'total-storage-gb': 200,
  'volume-count': 4,
  'backup-count': 5,
  'adb-free-count': 2,
}

/** The two walls of a tenancy: its service limits, and the quota policies that its owner wrote. */
export const quotaWall: Wall = async ({ type, inputs, id }, world) => {
  const asked = takenBy(type, inputs)
  if (asked.length === 0) return
  const others = (await world.list()).filter((one) => one.type !== type || one.id !== id)
  const statements = (await world.list(QUOTA)).sort((a, b) => a.createdAt - b.createdAt).flatMap(statementsOf)
  for (const { family, name, amount } of asked) {
    const used = others
      .flatMap((one) => takenBy(one.type, one.inputs))
      .filter((one) => one.name === name)
      .reduce((sum, one) => sum + one.amount, 0)
    if (!wasUpgraded(world.cloudAccount) && used + amount > (FREE_LIMITS[name] ?? 0))
      throw new Error(`400-LimitExceeded, The following service limits were exceeded: ${name}.`)
    const quota = quotaFor(statements, family, name)
    if (quota !== undefined && used + amount > quota)
      throw new Error(`400-QuotaExceeded, The following compartment quotas were exceeded: ${name}.`)
  }
}

/** What stands of a limit: its use by `name`. */
export async function usedOf(name: string, world: World): Promise<number> {
  return (await world.list())
    .flatMap((one) => takenBy(one.type, one.inputs))
    .filter((one) => one.name === name)
    .reduce((sum, one) => sum + one.amount, 0)
}

/** The platform's Check of a policy: the first statement that it cannot read. */
export function unreadable(inputs: Json): string | undefined {
  const statements = Array.isArray(inputs.statements) ? inputs.statements : []
  return statements.map(String).find((statement) => !STATEMENT.test(statement))
}

function statementsOf(policy: StoredResource): string[] {
  return Array.isArray(policy.inputs.statements) ? policy.inputs.statements.map(String) : []
}

/** The last statement that speaks of it decides; undefined: none does. */
function quotaFor(statements: string[], family: string, name: string): number | undefined {
  let quota: number | undefined
  for (const statement of statements) {
    const [, verb = '', of, only, to] = STATEMENT.exec(statement) ?? []
    if (of !== family || (only !== undefined && only !== name)) continue
    quota = verb.toLowerCase() === 'set' ? Number(to) : verb.toLowerCase() === 'zero' ? 0 : undefined
  }
  return quota
}

function takenBy(type: string, inputs: Json): Taken[] {
  switch (type) {
    case 'oci:Core/instance:Instance':
      return [...machine(inputs), ...disk(sourceOf(inputs).bootVolumeSizeInGbs ?? 50)]
    case 'oci:Core/volume:Volume':
    case 'oci:Core/bootVolume:BootVolume':
      return disk(inputs.sizeInGbs ?? 1024)
    case 'oci:Core/volumeBackup:VolumeBackup':
      return [{ family: 'block-storage', name: 'backup-count', amount: 1 }]
    case 'oci:Database/autonomousDatabase:AutonomousDatabase':
      return [database(inputs)]
    case 'oci:LoadBalancer/loadBalancer:LoadBalancer':
      return [{ family: 'load-balancer', name: 'lb-flexible-count', amount: 1 }]
    default:
      return []
  }
}

function machine(inputs: Json): Taken[] {
  const shape = String(inputs.shape)
  if (shape === 'VM.Standard.E2.1.Micro')
    return [{ family: 'compute', name: 'vm-standard-e2-1-micro-count', amount: 1 }]
  const [, series = 'other'] = /^VM\.(\w+\.\w+)/.exec(shape) ?? []
  const name = series.toLowerCase().replace('.', '-')
  const config = (inputs.shapeConfig ?? {}) as Json
  const both = (unit: string, family: string, amount: number): Taken[] =>
    [`${name}-${unit}-count`, `${name}-${unit}-regional-count`].map((one) => ({ family, name: one, amount }))
  return [
    ...both('core', 'compute-core', Number(config.ocpus ?? 1)),
    ...both('memory', 'compute-memory', Number(config.memoryInGbs ?? 16)),
  ]
}

function database({ isFreeTier, computeCount, cpuCoreCount }: Json): Taken {
  if (isFreeTier === true) return { family: 'database', name: 'adb-free-count', amount: 1 }
  return { family: 'database', name: 'atp-ecpu-count', amount: Number(computeCount ?? cpuCoreCount ?? 2) }
}

function disk(size: unknown): Taken[] {
  return [
    { family: 'block-storage', name: 'total-storage-gb', amount: Number(size) },
    { family: 'block-storage', name: 'volume-count', amount: 1 },
  ]
}

function sourceOf(inputs: Json): Json {
  return (inputs.sourceDetails ?? {}) as Json
}
