import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { unitName, unitText } from '../../../../engines/pip/hosts/far/systemd.ts'
import { hosts } from '../../../../engines/pip/hosts/index.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const run = promisify(execFile)
const ANALYZE = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find((path) => existsSync(path))

describe('a supervisor as a service', () => {
  it.skipIf(ANALYZE === undefined)(
    `has a unit that systemd itself finds nothing wrong with, for a system and for a user${ANALYZE === undefined ? ' (skipped: there is no systemd-analyze)' : ''}`,
    async () => {
      const folder = await tempFolder('unit')
      for (const scope of ['system', 'user'] as const) {
        const order = {
          folder: `${folder}/with space %h $HOME`,
          main: join(folder, 'main.ts'),
          node: process.execPath,
          scope,
        }
        const file = join(folder, unitName(order.folder))
        await writeFile(file, unitText(order))
        // A user's manager wants a folder for what it runs.
        const env = { PATH: '/usr/bin:/bin', HOME: folder, XDG_RUNTIME_DIR: folder }
        const { stderr } = await run(ANALYZE as string, ['verify', `--${scope}`, '--man=no', file], { env })
        expect(stderr.split('\n').filter((line) => line.includes('pipi-supervisor'))).toEqual([])
      }
    },
  )

  it('starts at boot and again whenever it ends, and has a name of its own for each folder', () => {
    const text = unitText({ folder: '/data', main: '/p/main.ts', node: '/bin/node', scope: 'system' })
    for (const line of ['Restart=always', 'Delegate=yes', 'WantedBy=multi-user.target', 'StartLimitIntervalSec=0'])
      expect(text).toContain(`\n${line}\n`)
    expect(text).toContain('\nExecStart="/bin/node" "--disable-warning=ExperimentalWarning" "/p/main.ts" "/data"\n')
    expect(unitName('/data')).not.toBe(unitName('/other'))
  })

  it.skipIf(existsSync('/run/systemd/system'))(
    'is not installed where no systemd runs, and says what happens instead',
    async () => {
      const data = await tempFolder('data')
      const order = { file: join(data, 'hosts.yaml'), dataDir: data, companionDir: join(data, 'companions') }
      await expect(hosts.install(order)).rejects.toMatchObject({
        code: 'toolchain.missing',
        hint: expect.stringContaining('The platform runs the supervisor'),
      })
      expect(existsSync(order.companionDir)).toBe(false)
    },
  )
})
