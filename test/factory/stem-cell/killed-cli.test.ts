import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { processesOf } from '../../helpers/leaks.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { type Lab, manifest, openLab, sourceFolder } from './clone.ts'

const FUNCTION = { aws: 'aws:lambda/function:Function', ggc: 'gcp:cloudfunctionsv2/function:Function' }
const OBJECT = 'gcp:storage/bucketObject:BucketObject'

describe.each(['aws', 'ggc'] as const)('a Pulumi CLI of %s killed alone', (code) => {
  let lab: Lab
  let folder: string
  let source: string
  beforeAll(async () => {
    folder = await tempFolder()
    lab = await openLab(code, folder)
    source = await sourceFolder(join(folder, 'source'), { 'index.html': '<h1>one</h1>' })
  })
  afterAll(() => lab?.close())
  afterEach(() => lab.onOutcome(async () => undefined))

  const site = (name: string) => manifest([{ kind: 'site', name: 'site' }], name)
  const inventory = async () =>
    ((await lab.admin('/inventory')).resources ?? []) as { type: string; urn: string; id: string }[]

  async function killCli(name: string): Promise<void> {
    const [row] = await lab.db.query<{ id: string }>('select id from pipi.workspaces where name = $1', [name])
    const running = processesOf(`PIPI_STACK=${row?.id}`)
    expect(running).not.toEqual([])
    for (const { pid } of running) process.kill(pid, 'SIGKILL')
  }

  /** Each wanted thing is there once, and nothing is left of it or of its holdings after a destroy. */
  async function isWhole(name: string): Promise<void> {
    const urns = (await inventory()).map((each) => each.urn)
    expect(urns.filter((urn, at) => urns.indexOf(urn) !== at)).toEqual([])
    expect(urns.filter((urn) => urn.includes(FUNCTION[code]))).toHaveLength(1)
    const gone = await lab.carry('destroy', site(name))
    expect(gone.error ?? gone.refusal).toBeUndefined()
    expect(await inventory()).toEqual([])
    expect(await lab.meters()).toEqual({})
    expect(await lab.db.query('select from pipi.intents where ended_at is null')).toEqual([])
  }

  it('in the middle of a create: it is found and adopted in the same deployment', async () => {
    await lab.admin('/fault', { kind: 'latency', moment: 'after', ms: 1500, type: FUNCTION[code], operation: 'create' })
    const done = lab.carry('deploy', site('middle'), { source })
    await waitFor('the function to be there', async () => (await inventory()).some((it) => it.type === FUNCTION[code]))
    await killCli('middle')
    expect(await done).toMatchObject({ status: 'succeeded' })
    await isWhole('middle')
  })

  it('when the outcome is written and the state has not heard of it: it is found and adopted all the same', async () => {
    let struck = false
    lab.onOutcome(async (outcome) => {
      if (struck || outcome.kind !== 'done') return
      if (!(await inventory()).some(({ type, id }) => type === FUNCTION[code] && id === outcome.id)) return
      struck = true
      await killCli('unheard')
    })
    const done = await lab.carry('deploy', site('unheard'), { source })
    expect(struck).toBe(true)
    expect(done.error ?? done.refusal).toBeUndefined()
    await isWhole('unheard')
  })

  /** For a whole period each: what the running one still takes grows less with every second. */
  const standing = () =>
    lab.db.query('select meter, scope, standing from pipi.meters where standing > 0 order by meter, scope')

  it.runIf(code === 'ggc')('between the two halves of a replacement: the new one is made once, and held', async () => {
    expect((await lab.carry('deploy', site('halves'), { source })).status).toBe('succeeded')
    const held = await standing()
    const changed = await sourceFolder(join(folder, 'changed'), { 'index.html': '<h1>two</h1>' })
    await lab.admin('/fault', { kind: 'latency', moment: 'after', ms: 1500, type: OBJECT, operation: 'create' })
    const before = (await inventory()).find((it) => it.type === OBJECT)?.id
    const done = lab.carry('deploy', site('halves'), { source: changed })
    await waitFor('the new object', async () =>
      (await inventory()).some((it) => it.type === OBJECT && it.id !== before),
    )
    await killCli('halves')
    const ended = await done
    expect(ended.error ?? ended.refusal).toBeUndefined()
    expect(await standing()).toEqual(held)
    await isWhole('halves')
  })
})
