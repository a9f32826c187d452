import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { processesOf } from '../../helpers/leaks.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { Lab } from './clone.ts'
import { METER, mover, openTrapLab, THING, type TrapLab } from './trap-lab.ts'

describe('a resource that is replaced', () => {
  let lab: TrapLab
  let source: string
  beforeAll(async () => {
    lab = await openTrapLab(await tempFolder())
    source = lab.source
  })
  afterAll(() => lab?.close())
  afterEach(() => lab.onOutcome(async () => undefined))

  const things = () => lab.things()
  const calls = () => lab.changes()
  const held = async () => (await lab.meters())[METER] ?? 0
  async function room(limit: number): Promise<void> {
    await lab.db.query(
      'update pipi.meters set limit_amount = $1::numeric, stated_limit = $1::numeric where meter = $2',
      [limit, METER],
    )
  }
  const texts = async (done: Awaited<ReturnType<Lab['carry']>>) => (await lab.story(done)).map(({ text }) => text)

  async function deployed(workspace: string): Promise<void> {
    const first = await lab.carry('deploy', mover(workspace, `${workspace}-one`), { source })
    expect(first.refusal ?? first.error).toBeUndefined()
    expect(await things()).toEqual([`${workspace}-one`])
  }
  /** The one that is wanted is there, once, and held, once; and nothing is left of it after a destroy. */
  async function isWhole(workspace: string): Promise<void> {
    expect(await things()).toEqual([`${workspace}-two`])
    expect(await held()).toBe(1)
    expect(await lab.db.query('select from pipi.intents where ended_at is null')).toEqual([])
    const again = await lab.carry('deploy', mover(workspace, `${workspace}-two`), { source })
    expect(again.status).toBe('succeeded')
    expect(await things()).toEqual([`${workspace}-two`])
    expect((await lab.carry('destroy', mover(workspace, `${workspace}-two`))).status).toBe('succeeded')
    expect(await things()).toEqual([])
    expect(await held()).toBe(0)
  }
  async function killCli(workspace: string): Promise<void> {
    const [row] = await lab.db.query<{ id: string }>('select id from pipi.workspaces where name = $1', [workspace])
    const running = processesOf(`PIPI_STACK=${row?.id}`)
    expect(running).not.toEqual([])
    for (const { pid } of running) process.kill(pid, 'SIGKILL')
  }

  it('stands beside its successor for a moment where two fit, and both are held until it is gone', async () => {
    await room(2)
    await deployed('both')
    const before = (await calls()).length
    let most = 0
    lab.onOutcome(async () => {
      most = Math.max(most, await held())
    })
    const done = await lab.carry('deploy', mover('both', 'both-two'), { source })
    expect(done.refusal ?? done.error).toBeUndefined()
    expect((await calls()).slice(before)).toEqual(['create', 'delete'])
    expect(most).toBe(2)
    await isWhole('both')
  })

  it('goes first where only one fits, and the story and the preview say so', async () => {
    await room(1)
    await deployed('one')
    const preview = await lab.carry('preview', mover('one', 'one-two'), { source })
    expect(preview.error ?? preview.refusal).toBeUndefined()
    expect(preview.outputs).toMatchObject({
      replacements: [{ sideBySide: false, says: `replace mover: delete first, since ${METER} has room for one only` }],
    })
    expect(await held()).toBe(1)
    const before = (await calls()).length
    const done = await lab.carry('deploy', mover('one', 'one-two'), { source })
    expect(done.refusal ?? done.error).toBeUndefined()
    expect((await calls()).slice(before)).toEqual(['delete', 'create'])
    expect(await texts(done)).toContain(`replace mover: delete first, since ${METER} has room for one only`)
    await isWhole('one')
  })

  it('stays as it is when nothing changes, and the story calls it the same', async () => {
    await room(2)
    await deployed('still')
    const done = await lab.carry('deploy', mover('still', 'still-one'), { source })
    expect(await texts(done)).toContain(`same mover (${THING})`)
    expect((await lab.carry('destroy', mover('still', 'still-one'))).status).toBe('succeeded')
  })

  it('by a CLI that is killed while the new one is made: it is found, adopted, and the old one goes', async () => {
    await room(2)
    await deployed('middle')
    await lab.admin('/fault', { kind: 'latency', moment: 'after', ms: 1500, type: THING, operation: 'create' })
    const done = lab.carry('deploy', mover('middle', 'middle-two'), { source })
    await waitFor('the new one', async () => (await things()).includes('middle-two'))
    await killCli('middle')
    expect(await done).toMatchObject({ status: 'succeeded' })
    await isWhole('middle')
  })

  it('by a CLI that is killed before it hears that the new one is made: all the same', async () => {
    await room(2)
    await deployed('unheard')
    let struck = false
    lab.onOutcome(async (outcome) => {
      if (struck || outcome.kind !== 'done' || outcome.id !== 'unheard-two') return
      struck = true
      await killCli('unheard')
    })
    const done = await lab.carry('deploy', mover('unheard', 'unheard-two'), { source })
    expect(struck).toBe(true)
    expect(done.error ?? done.refusal).toBeUndefined()
    await isWhole('unheard')
  })

  it('by a CLI that is killed while the old one is deleted: the delete is done again', async () => {
    await room(2)
    await deployed('late')
    await lab.admin('/fault', { kind: 'latency', moment: 'before', ms: 1500, type: THING, operation: 'delete' })
    const done = lab.carry('deploy', mover('late', 'late-two'), { source })
    await waitFor('the delete to be under way', async () => {
      const open = await lab.db.query(`select from pipi.intents where ended_at is null and operation = 'delete'`)
      return open.length > 0
    })
    await killCli('late')
    await done
    // What was cut off may still be told of: another deployment of the same clears it up.
    const again = await lab.carry('deploy', mover('late', 'late-two'), { source })
    expect(again.error ?? again.refusal).toBeUndefined()
    await isWhole('late')
  })
})
