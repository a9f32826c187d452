import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { freePort, portIsFree } from '../helpers/free-port.ts'
import { endLeaks, processesOf } from '../helpers/leaks.ts'
import { currentTag } from '../helpers/tag.ts'
import { tempFolder } from '../helpers/temp.ts'
import { waitFor } from '../helpers/wait-for.ts'

describe('the test helpers', () => {
  it.skipIf(!existsSync('/proc/self/environ'))(
    'see a child that outlives its test, also with an environment of its own',
    async () => {
      const folder = await tempFolder()
      const tagged = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' })
      const bare = spawn('sleep', ['301'], { detached: true, stdio: 'ignore', env: {}, cwd: folder })
      const found = await waitFor('both to be seen', () => {
        const seen = processesOf(currentTag())
        return seen.length === 2 && seen
      })
      expect(found.map((one) => one.pid).sort()).toEqual([tagged.pid, bare.pid].sort())
      await endLeaks(found)
      expect(processesOf(currentTag())).toEqual([])
    },
  )

  it('say what was waited for and what came instead', async () => {
    await expect(waitFor('the moon', () => false, { timeoutMs: 50 })).rejects.toThrow(
      'for the moon; the last answer was false',
    )
  })

  it('give a port that can be listened on', async () => {
    expect(await portIsFree(await freePort())).toBe(true)
  })
})
