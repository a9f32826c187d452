import type { World } from '../../../../stacks/contract/sandbox.ts'
import { type Counted, counted } from '../counters.ts'
import { DATABASE } from '../firestore.ts'
import { BUCKET } from '../storage.ts'
import { bytesIn } from './objects.ts'
import type { Measured } from './time-series.ts'

const DOCUMENTS = /^firestore\.googleapis\.com\/document\/(read|write|delete)_count$/

/** What is measured of databases and of what functions keep in buckets, by metric; nothing for other metrics. */
export async function storedSeries(type: string, filter: string, from: number, world: World): Promise<Measured[]> {
  const [, kind] = DOCUMENTS.exec(type) ?? []
  const since = ({ day }: Counted): boolean => Date.parse(day) >= Math.floor(from / 86_400_000) * 86_400_000
  const measured: Measured[] = []
  for (const { id } of await world.list(DATABASE)) {
    const records = world.records(DATABASE, id)
    const value = async (): Promise<number> =>
      kind === undefined
        ? JSON.stringify(await records.list()).length
        : (await counted(records)).filter((one) => one.kind === kind && since(one)).reduce(sumOf, 0)
    if (kind !== undefined || type === 'firestore.googleapis.com/storage/data_and_index_storage_bytes')
      measured.push({ label: 'database_id', key: id.split('/').at(-1) ?? '', value: await value() })
  }
  for (const { id, createdAt } of await world.list(BUCKET)) {
    if (type === 'storage.googleapis.com/storage/total_bytes')
      measured.push({
        label: 'bucket_name',
        key: id,
        value: await bytesIn(id, world),
        stood: { from: createdAt, to: undefined },
      })
    if (type === 'storage.googleapis.com/api/request_count') {
      const methods = /metric\.labels\.method\s*=\s*one_of\(([^)]*)\)/.exec(filter)?.[1]
      const all = (await counted(world.records(BUCKET, id))).filter(since)
      const asked = methods === undefined ? all : all.filter((one) => methods.includes(`"${one.kind}"`))
      measured.push({ label: 'bucket_name', key: id, value: asked.reduce(sumOf, 0) })
    }
  }
  return measured
}

function sumOf(total: number, { times }: Counted): number {
  return total + times
}
