import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tempFolder } from '../../helpers/temp.ts'
import { type Lab, manifest, openLab, sourceFolder } from './clone.ts'

describe('a deployment carried out by a clone of aws, on its simulated cloud', () => {
  let lab: Lab
  let source: string
  beforeAll(async () => {
    const folder = await tempFolder('with a space')
    lab = await openLab('aws', folder)
    source = await sourceFolder(join(folder, 'source'), { 'index.html': '<h1>hello from the lab</h1>' })
  })
  afterAll(() => lab?.close())

  it('previews what was never deployed, and leaves nothing of it', async () => {
    const done = await lab.carry('preview', manifest([{ kind: 'site', name: 'site' }], 'only-looked-at'), { source })
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(done.status).toBe('succeeded')
    expect((done.outputs as { changes: unknown[] }).changes).toContainEqual(
      expect.objectContaining({ type: 'aws:lambda/function:Function', operation: 'create' }),
    )
    expect(await lab.db.query(`select key from pulumi_aws.aws_state where key like '%/stacks/%'`)).toEqual([])
    expect(await lab.meters()).toEqual({})
    expect((await lab.admin('/inventory')).resources).toEqual([])
  })

  it('ends succeeded with an address that answers, and holds what it takes', async () => {
    const done = await lab.carry('deploy', manifest([{ kind: 'site', name: 'site' }]), { source })
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(done.status).toBe('succeeded')
    const url = (done.outputs as Record<string, { url: string }>).site?.url ?? ''
    expect(await (await fetch(url)).text()).toContain('hello from the lab')
    expect((await lab.meters())['aws-lambda.requests']).toBeGreaterThan(0)
  })

  it('changes nothing when it is deployed again as it is', async () => {
    const again = await lab.carry('deploy', manifest([{ kind: 'site', name: 'site' }]), { source })
    expect(again.status).toBe('succeeded')
  })

  it('adopts in the same deployment what was made although the platform answered with an error', async () => {
    for (const type of ['aws:lambda/function:Function', 'aws:lambda/permission:Permission']) {
      await lab.admin('/fault', { kind: 'error', moment: 'after', type, operation: 'create', count: 1 })
    }
    const other = manifest([{ kind: 'site', name: 'site' }], 'unlucky')
    const done = await lab.carry('deploy', other, { source })
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(done.status).toBe('succeeded')
    const { resources } = (await lab.admin('/inventory')) as { resources: { id: string; type: string }[] }
    const functions = resources.filter((each) => each.type === 'aws:lambda/function:Function')
    expect(functions.filter((each) => each.id.startsWith('unlucky'))).toHaveLength(1)
    expect((await lab.carry('destroy', other)).status).toBe('succeeded')
  })

  it('is destroyed to nothing, and gives everything back', async () => {
    const gone = await lab.carry('destroy', manifest([{ kind: 'site', name: 'site' }]))
    expect(gone.error ?? gone.refusal).toBeUndefined()
    expect(gone.status).toBe('succeeded')
    expect(await lab.meters()).toEqual({})
    expect((await lab.admin('/inventory')).resources ?? []).toEqual([])
  })
})
