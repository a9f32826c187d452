import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adopt, judgeOrphans } from '../../../platform/commander/adopt.ts'
import { accept } from '../../../platform/store/accept.ts'
import { TAG } from '../../../stacks/guard/tag.ts'
import { hashOfUrn } from '../../../stacks/wire/urn.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { mover, openTrapLab, THING, type TrapLab } from './trap-lab.ts'

describe('what a crash left of a workspace', () => {
  let lab: TrapLab
  let account: string
  let workspace: string
  let urn: string
  const made = mover('left', 'left')
  beforeAll(async () => {
    lab = await openTrapLab(await tempFolder())
    const done = await lab.carry('deploy', made, { source: lab.source })
    account = done.account
    workspace = done.workspaceId
    urn = done.resources[0]?.urn ?? ''
    // As after a crash: the state has lost it, and the platform has it with our tag on it.
    await lab.admin('/drift', { id: 'left', delete: true })
    await lab.carry('refresh', made)
    // The one thing it had is gone, and something else would still stand.
    await lab.db.query('update pipi.workspaces set live = true where id = $1', [workspace])
    const tags = { [TAG.workspace]: workspace, [TAG.urn]: hashOfUrn(urn), [TAG.intent]: 'i-of-then' }
    await lab.admin('/stray', { engine: 'trp', type: THING, set: { name: 'left', tags } })
  })
  afterAll(() => lab?.close())

  const survey = (beside: object[]) =>
    lab.db.query(
      `insert into pipi.watches (cloud_account, kind, every_ms, result) values ('trap-account', 'survey', 60000, $1)
       on conflict (cloud_account, kind) do update set result = excluded.result`,
      [JSON.stringify({ beside })],
    )
  const orphan = (id: string, tag?: string) => ({
    ...{ kind: 'orphan', type: THING, id, workspace: 'left', amounts: [] },
    ...(tag === undefined ? {} : { urn: hashOfUrn(tag) }),
  })
  const take = () =>
    adopt(
      lab.db,
      async (request) => {
        const { deployment } = await accept(lab.db, {
          ...{ account, kind: 'deploy', workspaceName: request.workspace ?? '', manifest: made, engine: 'trp' },
          ...{ region: 'here', cloudAccount: 'trap-account', source: await source() },
        })
        return deployment
      },
      { account, workspace: 'left', by: 'token', local: false },
    )
  const source = async () => {
    const [row] = await lab.db.query<{ source: never }>('select source from pipi.workspaces where id = $1', [workspace])
    return row?.source as never
  }

  it('is shown with what would become of it, and nothing is decided by looking', async () => {
    await survey([orphan('left', urn), orphan('unknown'), orphan('other', 'urn:of::something::else::here')])
    expect(await judgeOrphans(lab.db, account, 'left')).toMatchObject([
      { id: 'left', name: 'mover', adoptable: true, says: expect.stringContaining('taken in as "mover"') },
      { id: 'unknown', adoptable: false, says: expect.stringContaining('nobody can say which part of it') },
      { id: 'other', adoptable: false },
    ])
    expect(await lab.db.query('select from pipi.intents where ended_at is null')).toEqual([])
  })

  it('is taken in when somebody says so: looked up, adopted, and made no second time', async () => {
    const before = await lab.changes()
    const done = await lab.handOver((await take()).id)
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(done.resources).toMatchObject([{ id: 'left', urn }])
    expect(await lab.things()).toEqual(['left'])
    expect((await lab.changes()).slice(before.length)).not.toContain('create')
    const told = await lab.db.query(`select actor from pipi.journal where event = 'workspace.adopts'`)
    expect(told).toEqual([{ actor: 'token' }])
  })

  it('is a second one once its place is taken, which nobody takes in', async () => {
    await survey([orphan('second', urn)])
    expect(await judgeOrphans(lab.db, account, 'left')).toMatchObject([
      { id: 'second', inPlace: 'left', adoptable: false, says: expect.stringContaining('delete it at the platform') },
    ])
    await expect(take()).rejects.toMatchObject({
      code: 'conflict.state',
      hint: expect.stringContaining('a second "mover"'),
    })
  })
})
