import { access, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { serviceSchema } from '../../../../engines/contract/component.ts'
import { buildComponent } from '../../../../engines/parts/build/build-component.ts'
import { listProcesses } from '../../../../engines/parts/process/list.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { artifactsOf, site, sleepers } from './orders.ts'

describe('buildComponent', () => {
  it('keeps a site without a build as it is, twice under the same digest', async () => {
    const { order, source } = await site({ 'index.html': 'hi', 'css/a.css': 'x', 'node_modules/p/i.js': 'x' }, {})
    const first = await buildComponent(order)
    expect((await readdir(first.path)).sort()).toEqual(['css', 'index.html'])
    const second = await buildComponent(order)
    expect(second).toEqual(first)
    await writeFile(join(source, 'index.html'), 'other')
    expect((await buildComponent(order)).digest).not.toBe(first.digest)
    expect((await readdir(order.artifacts)).length).toBe(2)
    await expect(access(order.workFolder)).rejects.toThrow()
  })

  it('runs the build command in a clean environment and leaves the source alone', async () => {
    process.env.PIPI_TEST_CANARY = 'must not be seen'
    const { order, source, lines } = await site(
      { 'in.txt': 'text' },
      {
        command: 'mkdir out && cp in.txt out/index.html && env | sort > out/env.txt && echo built && node -p "1 + 1"',
        output: 'out',
      },
    )
    const built = await buildComponent(order)
    delete process.env.PIPI_TEST_CANARY
    expect(await readFile(join(built.path, 'index.html'), 'utf8')).toBe('text')
    const names = (await readFile(join(built.path, 'env.txt'), 'utf8')).split('\n').map((line) => line.split('=')[0])
    expect(names.filter((name) => !['', 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? ''))).toEqual([
      'CI',
      'HOME',
      'LANG',
      'PATH',
      'PIPI_BUILD',
      'TMPDIR',
    ])
    expect(lines.slice(1)).toEqual(['built', '2'])
    expect(await readdir(source)).toEqual(['in.txt'])
  })

  it('tells the exit code and the last 40 lines of a build that fails', async () => {
    const { order } = await site({ 'a.txt': '' }, { command: 'seq 1 100; echo "the reason" >&2; exit 7' })
    const error = await buildComponent(order).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'build.failed', message: expect.stringContaining('exit code 7') })
    expect(error.data.lines).toHaveLength(40)
    expect(error.data.lines).toContain('the reason')
    expect(error.data.lines).toContain('100')
    await expect(access(order.workFolder)).rejects.toThrow()
  })

  it('stops a build that takes too long, with everything it started', async () => {
    const { order } = await site({ 'a.txt': '' }, { command: 'setsid sleep 3131 & sleep 3131' })
    await expect(buildComponent({ ...order, settings: { limits: { timeMs: 600 } } })).rejects.toMatchObject({
      code: 'build.timeout',
    })
    expect(await sleepers('3131')).toEqual([])
  })

  it('ends what a successful build left running', async () => {
    const { order } = await site({ 'index.html': '' }, { command: 'setsid sleep 3132 & echo done' })
    await buildComponent(order)
    expect(await sleepers('3132')).toEqual([])
  })

  it('stops a build that multiplies', async () => {
    // Each makes two more, down to a depth that would be 2^9 processes and no more, should nobody stop it.
    const { order } = await site(
      {
        'a.txt': '',
        'multiply.sh':
          '[ $1 -le 0 ] && exec sleep 60\nsh multiply.sh $(($1 - 1)) & sh multiply.sh $(($1 - 1)) & wait\n',
      },
      {
        command: 'sh multiply.sh 8',
      },
    )
    await expect(buildComponent({ ...order, settings: { limits: { processes: 40 } } })).rejects.toMatchObject({
      code: 'build.failed',
      message: expect.stringContaining('processes at once'),
    })
    expect((await listProcesses()).length).toBeLessThan(1000)
  })

  it('stops a build that fills the disk, and refuses a result that is too large', async () => {
    const growing = await site(
      { 'a.txt': '' },
      { command: 'while true; do head -c 1000000 /dev/zero >> big; sleep 0.01; done' },
    )
    await expect(buildComponent({ ...growing.order, settings: { limits: { workBytes: 5_000_000 } } })).rejects.toThrow(
      /more disk/,
    )
    const large = await site({ 'index.html': '' }, { command: 'head -c 2000000 /dev/zero > big' })
    await expect(buildComponent({ ...large.order, settings: { limits: { outputBytes: 1_000_000 } } })).rejects.toThrow(
      /larger than/,
    )
    expect(await artifactsOf(large.order)).toEqual([])
  })

  it('stops when it is told to', async () => {
    const { order } = await site({ 'a.txt': '' }, { command: 'echo started; sleep 3133' })
    const stop = new AbortController()
    const lines: string[] = []
    const building = buildComponent({ ...order, signal: stop.signal, log: (line) => lines.push(line) }).catch(
      (error) => error,
    )
    await waitFor('the build to start', () => lines.includes('started'))
    stop.abort()
    expect(await building).toMatchObject({ name: 'AbortError' })
    expect(await sleepers('3133')).toEqual([])
  })

  it('keeps links to files of the source as files, and refuses links out of it', async () => {
    const { order, source } = await site({ 'index.html': '', 'real.txt': 'real' }, {})
    await symlink('real.txt', join(source, 'link.txt'))
    const built = await buildComponent(order)
    expect(await readFile(join(built.path, 'link.txt'), 'utf8')).toBe('real')
    await symlink('/etc', join(source, 'etc'))
    await expect(buildComponent(order)).rejects.toThrow(/etc is a link to outside/)
    const led = await site({ 'index.html': '' }, { command: 'ln -s /etc out', output: 'out' })
    await expect(buildComponent(led.order)).rejects.toThrow(/leads out of the source/)
  })

  it('says what is missing: folder, result, main module, index page', async () => {
    const { order } = await site({ 'page.html': '' }, {})
    await expect(buildComponent(order)).rejects.toThrow(/index.html is not in the result/)
    const nowhere = { ...order, component: { ...order.component, path: 'nowhere' } }
    await expect(buildComponent(nowhere)).rejects.toMatchObject({
      code: 'build.failed',
      hint: expect.stringContaining('"path"'),
    })
    const service = serviceSchema.parse({ name: 'api', kind: 'service', main: 'server.js' })
    await expect(buildComponent({ ...order, component: service })).rejects.toThrow(/server.js is not in the result/)
  })

  it('installs what package.json names, and leaves out of a service what only its build needed', {
    timeout: 60_000,
  }, async () => {
    const { order } = await site(
      {
        'package.json': JSON.stringify({
          name: 'a',
          dependencies: { kept: 'file:./kept' },
          devDependencies: { tool: 'file:./tool' },
        }),
        '.npmrc': 'install-links=true',
        'kept/package.json': JSON.stringify({ name: 'kept', version: '1.0.0', main: 'i.js' }),
        'kept/i.js': 'module.exports = 42',
        'tool/package.json': JSON.stringify({ name: 'tool', version: '1.0.0', bin: { made: 'made.js' } }),
        'tool/made.js':
          '#!/usr/bin/env node\nrequire("fs").writeFileSync("server.js", "console.log(require(\\"kept\\"))")',
      },
      { command: './node_modules/.bin/made' },
    )
    const service = serviceSchema.parse({ name: 'api', kind: 'service', build: order.component.build })
    const built = await buildComponent({ ...order, component: service })
    expect(await readdir(join(built.path, 'node_modules'))).toContain('kept')
    expect(await readdir(join(built.path, 'node_modules'))).not.toContain('tool')
    expect((await stat(join(built.path, 'server.js'))).isFile()).toBe(true)
  })
})
