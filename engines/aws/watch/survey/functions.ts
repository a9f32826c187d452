import type { Found, WatchContext } from '../../../contract/watch.ts'
import { getFunction, listFunctions } from '../functions.ts'
import { ownerOf } from './owner.ts'

/** Functions of a region with the inputs that their demand comes of. */
export async function findFunctions(context: WatchContext, region: string): Promise<Found[]> {
  const found: Found[] = []
  for (const { FunctionName: id } of await listFunctions(context, region)) {
    const one = await getFunction(context, region, id)
    if (one === undefined) continue
    const { MemorySize, Timeout, PackageType, Architectures, EphemeralStorage, SnapStart, Runtime } = one.Configuration
    found.push({
      type: 'aws:lambda/function:Function',
      id,
      region,
      inputs: {
        name: id,
        region,
        runtime: Runtime,
        memorySize: MemorySize,
        timeout: Timeout,
        packageType: PackageType,
        architectures: Architectures,
        ephemeralStorage: { size: EphemeralStorage?.Size ?? 512 },
        ...(SnapStart === undefined || SnapStart.ApplyOn === 'None'
          ? {}
          : { snapStart: { applyOn: SnapStart.ApplyOn } }),
        reservedConcurrentExecutions: one.Concurrency?.ReservedConcurrentExecutions ?? -1,
        tags: one.Tags ?? {},
      },
      ...ownerOf(one.Tags),
    })
  }
  return found
}
