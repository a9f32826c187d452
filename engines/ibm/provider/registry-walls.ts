import { z } from 'zod'
import { FREE_MB } from '../registry.ts'
import type { IbmCloud } from './cloud.ts'
import { ofAccount, registryApi } from './registry.ts'

/** MB of images stored, and pulled in a month. */
export interface Walls {
  storageMb: number
  trafficMb: number
}

const planSchema = z.looseObject({ plan: z.string() })
const quotaSchema = z.looseObject({
  limit: z.looseObject({ storage_bytes: z.number().default(-1), traffic_bytes: z.number().default(-1) }),
})
/** IBM does not say which megabyte its quotas are set in. */
const MIB = 2 ** 20

/** Sees to it that a registry stops by itself at these amounts. Throws where its plan charges for what passes them. */
export async function wallIn(cloud: IbmCloud, host: string, wanted: Walls, urn: string): Promise<void> {
  const headers = await ofAccount(cloud)
  const { plan } = planSchema.parse(await cloud.ask({ method: 'GET', url: registryApi(host, '/plans'), headers }))
  if (!/^free$/i.test(plan))
    throw new Error(
      `the registry ${host} of this account is on the plan "${plan}", which charges beyond ${FREE_MB.storage} MB: images go to one on the plan "free" only`,
    )
  if (same(await wallsOf(cloud, host, wanted), wanted)) return
  const body = { storage_megabytes: wanted.storageMb, traffic_megabytes: wanted.trafficMb }
  await cloud.ask({ method: 'PATCH', url: registryApi(host, '/quotas'), headers, body, urn })
}

/** Where a registry stops by itself; narrower than it was asked for is as good as that. -1: nowhere. */
export async function wallsOf(cloud: IbmCloud, host: string, wanted: Walls | undefined): Promise<Walls> {
  const url = registryApi(host, '/quotas')
  const { limit } = quotaSchema.parse(await cloud.ask({ method: 'GET', url, headers: await ofAccount(cloud) }))
  const shown = (bytes: number, most = 0) => {
    if (bytes < 0) return -1
    return bytes <= most * 1e6 || bytes === most * MIB ? most : Math.ceil(bytes / 1e6)
  }
  return {
    storageMb: shown(limit.storage_bytes, wanted?.storageMb),
    trafficMb: shown(limit.traffic_bytes, wanted?.trafficMb),
  }
}

function same(one: Walls, other: Walls): boolean {
  return one.storageMb === other.storageMb && one.trafficMb === other.trafficMb
}
