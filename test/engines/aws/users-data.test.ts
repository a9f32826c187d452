import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, manifest, openLab, sourceFolder } from '../../factory/stem-cell/clone.ts'
import { tempFolder } from '../../helpers/temp.ts'

describe('users’ data on aws', () => {
  let lab: Lab
  let source: string
  const code = {
    'package.json': '{"type":"module"}',
    'index.js': "export default () => new Response('here')",
    'job.js': "console.log('it ran')",
  }
  const notes = { kind: 'database', name: 'notes', model: 'key-value', sizeMb: 500 }
  const api = { kind: 'function', name: 'api', uses: ['notes'] }
  const hourly = { kind: 'job', name: 'hourly', uses: ['notes'], schedule: '30 * * * *' }
  beforeAll(async () => {
    const folder = await tempFolder()
    lab = await openLab('aws', folder)
    source = await sourceFolder(join(folder, 'source'), code)
  })
  afterAll(() => lab?.close())

  const tables = async (): Promise<string[]> =>
    ((await lab.admin('/inventory')).resources as { id: string; type: string }[])
      .filter(({ type }) => type === 'aws:dynamodb/table:Table')
      .map(({ id }) => id)

  it('stay when a workspace is destroyed, replaced or loses their component, unless the request names their loss', async () => {
    const both = manifest([notes, api, hourly], 'kept')
    const done = await lab.carry('deploy', both, { source })
    expect(done.error ?? done.refusal).toBeUndefined()
    const { url } = (done.outputs as Record<string, { url: string }>).api ?? { url: '' }
    expect(await (await fetch(url)).text()).toBe('here')
    expect(await lab.meters()).toMatchObject({ 'aws-dynamodb.storage': 0.5, 'aws-dynamodb.write-capacity': 1 })
    // What is expected of visitors, and what the schedule says.
    expect((await lab.meters())['aws-lambda.requests']).toBe(20_744)

    const named = { code: 'guard.data-not-named', hint: expect.stringContaining('--delete-data') }
    const replaced = [{ ...notes, model: 'document' }, api]
    for (const components of [replaced, [{ kind: 'function', name: 'api' }]]) {
      const refused = await lab.carry('deploy', manifest(components, 'kept'), { source })
      expect(refused).toMatchObject({ status: 'refused', refusal: { ...named, resource: 'notes-table' } })
      expect(await tables()).toHaveLength(1)
    }
    const left = await lab.carry('destroy', both)
    expect(left.error ?? left.refusal).toBeUndefined()
    expect((await lab.story(left)).map(({ text }) => text)).toContain(
      'notes-table (aws:dynamodb/table:Table) stays: it holds data, or is needed by what does',
    )
    expect((await lab.admin('/inventory')).resources).toMatchObject([{ type: 'aws:dynamodb/table:Table' }])
    const destroyed = await lab.carry('destroy', both, { deleteData: true })
    expect(destroyed.status).toBe('succeeded')
    expect((await lab.admin('/inventory')).resources).toEqual([])
    expect(await lab.meters()).not.toHaveProperty('aws-dynamodb.storage')
  })

  it('have the capacity that is free, and more is refused with the name of its meter before anything is made', async () => {
    const many = Array.from({ length: 13 }, (_, at) => ({
      ...notes,
      name: `notes-${at}`,
      expect: { requests: 200_000 },
    }))
    const refused = await lab.carry('deploy', manifest(many, 'many'), { source })
    expect(refused).toMatchObject({ status: 'refused', refusal: { code: 'lock.over-limit' } })
    expect(JSON.stringify(refused.refusal)).toMatch(/aws-dynamodb\.(read|write)-capacity/)
    expect(await tables()).toEqual([])
  })
})
