import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../helpers/temp.ts'

const home = resolve(import.meta.dirname, '../..')
/** A machine whose own Node is new enough. */
const NEW = `${dirname(process.execPath)}:/usr/bin:/bin`

describe('./pipi', () => {
  it('sets up what is missing, says so on stderr only, and skips it the second time', async () => {
    const root = await checkout()
    const first = pipi(root, ['--json', 'a b'])
    expect(first.stderr).toContain('Installing dependencies (npm ci)')
    expect(JSON.parse(first.stdout)).toMatchObject({ args: ['--json', 'a b'] })
    const second = pipi(root, ['again'])
    expect(second).toMatchObject({ stderr: '', status: 0 })
    expect(JSON.parse(second.stdout)).toMatchObject({ args: ['again'] })
  })

  it('works through a link, from any folder, and stays in the caller’s folder', async () => {
    const root = await checkout()
    const elsewhere = await tempFolder('else where')
    await mkdir(join(elsewhere, 'bin'))
    await symlink(join(root, 'pipi'), join(elsewhere, 'bin', 'first'))
    await symlink('bin/first', join(elsewhere, 'second'))
    const ran = spawnSync(join(elsewhere, 'second'), [], {
      cwd: elsewhere,
      encoding: 'utf8',
      env: { ...process.env, PATH: NEW },
    })
    expect(JSON.parse(ran.stdout)).toMatchObject({ cwd: elsewhere })
  })

  it('gives the exit code on', async () => {
    const root = await checkout()
    expect(pipi(root, ['exit', '3']).status).toBe(3)
    expect(pipi(root, ['exit', '6']).status).toBe(6)
  })

  it('installs again when the lock file has changed, and not when only its record is lost', async () => {
    const root = await checkout()
    pipi(root, [])
    await rm(join(root, 'node_modules/.pipi'), { recursive: true })
    expect(pipi(root, []).stderr).toBe('')
    await writeFile(join(root, 'package-lock.json'), lock('1.0.1'))
    const again = pipi(root, [])
    expect(again.stderr).toContain('Installing dependencies')
    await writeFile(join(root, 'package-lock.json'), '{}')
    const broken = pipi(root, [])
    expect(broken.status).toBe(1)
    expect(broken.stderr).toContain('expected "npm ci"')
    expect(broken.stderr).toContain('hint: ')
  })

  it('leaves a half-done installation to be done again', async () => {
    const root = await checkout()
    pipi(root, [])
    await rm(join(root, 'node_modules/.package-lock.json'), { force: true })
    await rm(join(root, 'node_modules/.pipi'), { recursive: true })
    expect(pipi(root, []).stderr).toContain('Installing dependencies')
  })

  it('runs two at once without a quarrel', async () => {
    const root = await checkout()
    const both = await Promise.all(
      [1, 2, 3].map(() => ended(spawn(join(root, 'pipi'), { env: { ...process.env, PATH: NEW }, stdio: 'ignore' }))),
    )
    expect(both).toEqual([0, 0, 0])
    expect(existsSync(join(root, '.setup.lock'))).toBe(false)
  })

  it('takes Node from npm where the machine has an older one', async (test) => {
    const older = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path) && majorOf(path) < 24)
    if (older === undefined) return test.skip('this machine has no older Node')
    const root = await checkout()
    const path = `${dirname(older)}:/usr/bin:/bin`
    const without = pipi(root, [], path)
    expect(without.status).toBe(1)
    expect(without.stderr).toMatch(/expected Node.js 24 or newer: this machine has v\d+/)
    await mkdir(join(root, 'node_modules/node/bin'), { recursive: true })
    await symlink(process.execPath, join(root, 'node_modules/node/bin/node'))
    expect(JSON.parse(pipi(root, [], path).stdout)).toMatchObject({ node: process.version })
  })

  it('says what is needed where there is no Node at all', async () => {
    const root = await checkout()
    const bare = await tempFolder()
    for (const tool of ['dirname', 'readlink', 'cmp', 'ls']) await symlink(which(tool), join(bare, tool))
    const ran = spawnSync('/bin/sh', [join(root, 'pipi')], { encoding: 'utf8', env: { PATH: bare } })
    expect(ran.status).toBe(1)
    expect(ran.stderr).toContain('Node.js 20 or newer is needed')
  })
})

describe('setup/run.mjs', () => {
  it('runs a script of the checkout with its arguments', async () => {
    const root = await checkout()
    const ran = spawnSync(process.execPath, [join(root, 'setup/run.mjs'), '--script', 'platform/cli/main.ts', 'x'], {
      encoding: 'utf8',
    })
    expect(JSON.parse(ran.stdout)).toMatchObject({ args: ['x'] })
  })

  it('passes signals on and ends as the program ends', async () => {
    const root = await checkout()
    pipi(root, [])
    const child = spawn(process.execPath, [join(root, 'setup/run.mjs'), 'wait'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await child.stdout.setEncoding('utf8').iterator().next()
    child.kill('SIGTERM')
    expect(await ended(child)).toBe(42)
  })
})

const PROGRAM = `
const args: string[] = process.argv.slice(2)
if (args[0] === 'exit') process.exit(Number(args[1]))
if (args[0] === 'wait') {
  process.on('SIGTERM', () => process.exit(42))
  setInterval(() => {}, 1000)
}
console.log(JSON.stringify({ args, cwd: process.cwd(), node: process.version }))
`

/** A small checkout with our set-up and a program of its own, in a path with spaces. */
async function checkout(): Promise<string> {
  const root = join(await tempFolder(), 'a check out')
  await mkdir(join(root, 'platform/cli'), { recursive: true })
  await cp(join(home, 'setup'), join(root, 'setup'), { recursive: true })
  await cp(join(home, 'pipi'), join(root, 'pipi'))
  await chmod(join(root, 'pipi'), 0o755)
  await mkdir(join(root, 'part'))
  await writeFile(join(root, 'part/package.json'), JSON.stringify({ name: 'part', version: '1.0.0' }))
  await writeFile(
    join(root, 'package.json'),
    JSON.stringify({ ...NAME, type: 'module', dependencies: { part: 'file:part' } }),
  )
  await writeFile(join(root, 'package-lock.json'), lock('1.0.0'))
  await writeFile(join(root, 'platform/cli/main.ts'), PROGRAM)
  return root
}

const NAME = { name: 'x', version: '1.0.0' }

function lock(version: string): string {
  const packages = {
    '': { ...NAME, dependencies: { part: 'file:part' } },
    'node_modules/part': { resolved: 'part', link: true },
    part: { version },
  }
  return JSON.stringify({ ...NAME, lockfileVersion: 3, packages })
}

function pipi(root: string, args: string[], path = NEW): SpawnSyncReturns<string> {
  return spawnSync(join(root, 'pipi'), args, { encoding: 'utf8', env: { ...process.env, PATH: path } })
}

function majorOf(node: string): number {
  return Number(spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.split('.')[0])
}

function which(tool: string): string {
  return spawnSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim()
}

function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve) => child.on('exit', (code) => resolve(code)))
}
