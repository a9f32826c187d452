import { expect, it } from 'vitest'
import { waitFor } from '../helpers/wait-for.ts'
import { usePlatform } from './helpers/platform.ts'
import { slowWorkspace } from './helpers/slow-workspace.ts'

const platform = usePlatform({ PIPI_ENGINES: 'pip' })

it('Ctrl-C while waiting detaches, says how to come back, and the work goes on', async () => {
  const { folder, letGo } = await slowWorkspace()
  const running = platform.start('deploy', folder, '--engine', 'pip')
  await waitFor('the build to begin', () => running.stderr().includes('building'))
  running.kill('SIGINT')
  const { code, stderr } = await running.ended
  expect(code).toBe(130)
  const id = /\.\/pipi logs (\S+) -f/.exec(stderr)?.[1] as string
  expect(stderr).toContain(`./pipi cancel ${id}`)
  const attached = platform.start('logs', id, '-f')
  await waitFor('the story so far', () => attached.stdout().includes('building'))
  await letGo()
  const { code: end, stdout } = await attached.ended
  expect(stdout).toContain('succeeded')
  expect(end).toBe(0)
})

it('what runs can be cancelled, and says so', async () => {
  const { folder } = await slowWorkspace()
  const accepted = (await platform.pipi('deploy', folder, '--engine', 'pip', '--no-wait', '--json')).json<{
    id: string
  }>()
  await waitFor('the build to begin', async () => {
    const { status } = (await platform.pipi('status', accepted.id, '--json')).json<{ status: string }>()
    return status === 'building'
  })
  expect((await platform.pipi('cancel', accepted.id)).code).toBe(0)
  const { code, stdout } = await platform.pipi('logs', accepted.id, '-f')
  expect(stdout).toContain('cancelled')
  expect(code).toBe(1)
})

it('waiting ends when it was told to, and the work goes on', async () => {
  const { folder, letGo } = await slowWorkspace()
  const ended = await platform.pipi('deploy', folder, '--engine', 'pip', '--wait-timeout', '1', '--json')
  expect(ended.code).toBe(1)
  const { error } = ended.json<{ error: { code: string; hint: string } }>()
  expect(error.code).toBe('deadline.passed')
  const id = /logs (\S+) -f/.exec(error.hint)?.[1] as string
  await letGo()
  expect((await platform.pipi('logs', id, '-f')).code).toBe(0)
})
