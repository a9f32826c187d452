import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, manifest, openLab, sourceFolder } from '../../factory/stem-cell/clone.ts'
import { tempFolder } from '../../helpers/temp.ts'

describe('users’ data on ggc', () => {
  let lab: Lab
  let source: string
  const notes = { kind: 'database', name: 'notes', model: 'document' }
  const files = { kind: 'store', name: 'files', sizeMb: 50 }
  const nightly = { kind: 'job', name: 'nightly', schedule: '15 3 * * *', uses: ['notes', 'files'] }
  beforeAll(async () => {
    const folder = await tempFolder()
    lab = await openLab('ggc', folder)
    const code = { 'package.json': '{"type":"module"}', 'job.js': "console.log('it ran')" }
    source = await sourceFolder(join(folder, 'source'), code)
  })
  afterAll(() => lab?.close())

  const types = async (): Promise<string[]> =>
    ((await lab.admin('/inventory')).resources as { type: string }[]).map(({ type }) => type).sort()

  it('have one database of a project for one workspace, stay when it is destroyed, and go when their loss is named', async () => {
    const first = manifest([notes, files, nightly], 'first')
    const done = await lab.carry('deploy', first, { source })
    expect(done.error ?? done.refusal).toBeUndefined()
    // A job takes what its schedule says, whatever is expected of visitors.
    expect(await lab.meters()).toMatchObject({
      'gcp-firestore.databases': 1,
      // What the running month still has of one.
      'gcp-scheduler.jobs': expect.any(Number),
      'gcp-functions.invocations': 31,
    })
    const second = await lab.carry('deploy', manifest([notes], 'second'), { source })
    expect(second).toMatchObject({
      status: 'refused',
      refusal: { code: 'lock.over-limit', meter: 'gcp-firestore.databases' },
    })

    const left = await lab.carry('destroy', first)
    expect(left.error ?? left.refusal).toBeUndefined()
    expect(await types()).toEqual(['gcp:firestore/database:Database', 'gcp:storage/bucket:Bucket'])
    const gone = await lab.carry('destroy', first, { deleteData: true })
    expect(gone.error ?? gone.refusal).toBeUndefined()
    expect(await types()).toEqual([])
  })
})
