import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { alive, endProcesses, endTagged } from '../../../../engines/parts/process/end.ts'
import { findProcess, listTagged } from '../../../../engines/parts/process/list.ts'
import { waitFor } from '../../../helpers/wait-for.ts'

const TAG = { name: 'PIPI_TEST_TAG', value: `end-${process.pid}` }

describe('ending processes', () => {
  it('asks a group to end, and lets it', async () => {
    const { child, group } = await start('trap "exit 7" TERM; sleep 77 & while :; do sleep 0.05; done')
    // The trap stands once what follows it has been started.
    await waitFor('the trap', async () => (await listTagged(TAG.name, TAG.value)).length > 1)
    const exited = once(child, 'exit')
    await endProcesses({ group }, 10_000)
    expect(await exited).toEqual([7, null])
  })

  it('kills what does not listen, and what left the group', async () => {
    const { child, group } = await start(
      'trap "" TERM; setsid sh -c "trap : TERM; while :; do sleep 0.05; done" & while :; do sleep 0.05; done',
    )
    await waitFor(
      'the second group',
      async () => new Set((await listTagged(TAG.name, TAG.value)).map((one) => one.group)).size > 1,
    )
    const exited = once(child, 'exit')
    await endProcesses({ group, tag: TAG }, 100)
    expect(await exited).toEqual([null, 'SIGKILL'])
    expect(await listTagged(TAG.name, TAG.value)).toEqual([])
  })

  it('finds by their tag those whose parent is gone', async () => {
    const { child } = await start('setsid sleep 60 & exit 0')
    await once(child, 'exit')
    await waitFor('the orphan', async () => (await listTagged(TAG.name, TAG.value)).length === 1)
    await endTagged(TAG)
    expect(await listTagged(TAG.name, TAG.value)).toEqual([])
  })

  it('knows a process by its pid and its start, and a dead one not at all', async () => {
    const { child, group } = await start('sleep 60')
    const found = await findProcess(group)
    expect(found).toMatchObject({ pid: group, group, parent: process.pid })
    expect(found?.started).toMatch(/^\d+$/)
    expect(await alive({ group })).toContain(group)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await findProcess(group)).toBeUndefined()
    await endProcesses({ group }, 0)
  })
})

async function start(script: string) {
  const environment = { PATH: process.env.PATH, PIPI_TEST_RUN: process.env.PIPI_TEST_RUN, [TAG.name]: TAG.value }
  const child = spawn('sh', ['-c', `${script}`], { detached: true, stdio: 'ignore', env: environment })
  await once(child, 'spawn')
  return { child, group: child.pid as number }
}
