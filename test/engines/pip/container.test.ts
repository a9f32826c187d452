import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { output } from '@pulumi/pulumi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ComponentOf, componentSchema } from '../../../engines/contract/component.ts'
import type { Artifact } from '../../../engines/contract/engine.ts'
import { giveTo } from '../../../engines/parts/build/walls/build-user.ts'
import { MEMORY_FILES_MIB } from '../../../engines/parts/container/memory-files.ts'
import { unpackedBytes } from '../../../engines/parts/container/unpacked-bytes.ts'
import { listProcesses } from '../../../engines/parts/process/list.ts'
import container from '../../../engines/pip/programs/container.ts'
import store from '../../../engines/pip/programs/store.ts'
import { startProvider } from '../../../engines/pip/provider/index.ts'
import { SupervisorClient } from '../../../engines/pip/provider/supervisor-client.ts'
import { rules } from '../../../engines/pip/rules.ts'
import { CONTAINERS_NEED, ContainerWalls } from '../../../engines/pip/supervisor/container-walls.ts'
import { type ProcessSpec, processSpecSchema } from '../../../engines/pip/supervisor/spec.ts'
import { imageOf } from '../../helpers/images.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { busyboxImage, inside, NO_BUSYBOX, OURS, SERVES, storeBase, webApp } from '../container-image.ts'
import { hostStack } from './provider/host-stack.ts'
import { artifactIn, openHost, textOf } from './supervisor/host.ts'
import { HAS_WALLS, NO_WALLS } from './supervisor/jar.ts'

const PROCESS = 'pip:host/process:Process'
const MAIN = join(import.meta.dirname, '../../../engines/pip/supervisor/main.ts')
/** Nobody's. */
const OTHER = 61_001
const OTHERS =
  process.getuid?.() === 0 &&
  spawnSync('/usr/bin/unshare', ['--user', '--mount', '--pid', '--fork', 'true'], { uid: OTHER, gid: OTHER, cwd: '/' })
    .status === 0
const NOT_ROOT = ' (skipped: this is not root, or others make no namespaces here)'
const possible = HAS_WALLS && NO_BUSYBOX === ''

describe.skipIf(!possible)(`a container on a host${NO_WALLS}${NO_BUSYBOX}`, () => {
  let host: Awaited<ReturnType<typeof openHost>>
  let artifacts: string
  let base: string
  beforeAll(async () => {
    host = await openHost()
    artifacts = await tempFolder('artifacts')
    base = await storeBase(artifacts, await busyboxImage())
  })
  afterAll(() => host.supervisor.close())

  const componentOf = (more: Record<string, unknown> = {}) =>
    componentSchema.parse({
      name: 'web',
      kind: 'container',
      base,
      command: SERVES,
      ...more,
    }) as ComponentOf<'container'>
  const pack = async (text: string): Promise<Artifact & { travels: 'image' }> =>
    container.pack(await webApp(text), componentOf(), await tempFolder('packed'), { artifacts })
  const specOf = async (layout: string, more: Partial<ProcessSpec> = {}): Promise<ProcessSpec> =>
    processSpecSchema.parse({
      ...{ name: 'web', runtime: 'container', memory: 64, ...(await artifactIn(layout)) },
      ...{ unpacked: await unpackedBytes(layout), labels: { 'pipi-workspace': 'w-1' }, ...more },
    })
  const rootsOf = (name: string) => readdir(join(host.folder, 'roots', name)).catch(() => [])

  it('has the image as its root, sees no file and no process of this host, and has no right to change that', async () => {
    const spec = await specOf((await pack('hello')).path, { environment: { GREETING: "moin 'all' $HOME" } })
    const { url } = await host.client.setProcess(spec)
    expect(await textOf(url)).toBe('hello')
    const say = (script: string) => inside(url, script)
    expect((await say('ls /')).split('\n')).toEqual(['app', 'bin', 'dev', 'etc', 'home', 'proc', 'tmp'])
    expect(await say('cat /etc/passwd')).not.toContain('daemon')
    expect(await say(`ls ${host.folder} /root /usr`)).toMatch(/^(ls: .*: No such file or directory\n?){3}$/)
    // Our shell, the server, and what was asked just now.
    expect((await say('echo /proc/[0-9]*')).split(' ').length).toBeLessThan(7)
    expect(await say('cat /proc/1/root/usr/bin/env /proc/1/environ')).toMatch(/^(cat: .*: Permission denied\n?){2}$/)
    expect(await say('echo $(id -u) $(id -g) $GREETING, $OF, $HOME')).toBe(
      "1234 1234 moin 'all' $HOME, the image, /home/app",
    )
    expect(await say('grep -E "Cap(Eff|Prm|Bnd|Amb)|NoNewPrivs" /proc/self/status | tr -d "\\t\\n"')).toMatch(
      /^CapPrm:0+CapEff:0+CapBnd:[0-9a-f]+CapAmb:0+NoNewPrivs:1$/,
    )
    expect(await say('echo x >/proc/sys/kernel/core_pattern')).toMatch(/Read-only|denied/)
    expect((await say('ls /dev')).split('\n')).toEqual(
      expect.arrayContaining(['full', 'null', 'random', 'urandom', 'zero']),
    )
    // What is secret is in no argument.
    const said = await promisify(execFile)('ps', ['-eo', 'args'])
    expect(said.stdout).not.toContain('moin')
  })

  it('writes over its image, and what it wrote goes with the run; its image stays as it was built', async () => {
    const { url, pid } = await sure('web')
    expect(await inside(url, 'echo changed >/etc/made-of; echo x >/tmp/x; cat /etc/made-of /tmp/x')).toBe('changed\nx')
    const [root = ''] = await rootsOf('web')
    expect(await readFile(join(host.folder, 'roots', 'web', root, 'files/etc/made-of'), 'utf8')).toBe('busybox\n')
    process.kill(-(pid as number), 'SIGKILL')
    const again = await waitFor('the next run', () => running('web', pid))
    expect(await inside(again.url, 'cat /etc/made-of; ls /tmp')).toBe('busybox')
  })

  it('is ended and started again above its memory, whatever it started to hold it', async () => {
    const { url, pid } = await sure('web')
    await inside(url, '(dd if=/dev/zero of=/dev/null bs=300M count=300 &)').catch(() => undefined)
    const again = await waitFor('the next run', () => running('web', pid))
    expect(again.lastLines.join('\n')).toMatch(/held \d+ MiB of memory, granted are 64/)
    expect((await listProcesses()).filter(({ group }) => group === pid)).toEqual([])
    expect(await textOf(again.url)).toBe('hello')
  })

  it('is redeployed without a failed request, goes back without its source, and only what runs is unpacked', async () => {
    const [first, next] = [await specOf((await pack('hello')).path), await specOf((await pack('moin')).path)]
    const { url } = await sure('web')
    const answers: string[] = []
    let going = true
    const visiting = Promise.all(
      [1, 2].map(async () => {
        while (going) answers.push(await textOf(url).catch((error: Error) => error.message))
      }),
    )
    await host.client.setProcess(next)
    await host.client.setProcess({ ...first, source: '/nowhere' })
    await host.client.setProcess({ ...next, source: '/nowhere' })
    await waitFor('the last one', () => answers.at(-1) === 'moin')
    going = false
    await visiting
    expect([...new Set(answers)].sort()).toEqual(['hello', 'moin'])
    await waitFor('the first one to be taken away', async () => (await rootsOf('web')).length === 1)
    expect(await rootsOf('web')).toEqual([next.digest.slice(0, 16)])
  })

  it('is not switched to when it ends, is of another kind, or unpacks to more than was granted; what ran goes on', async () => {
    const refused = async (spec: ProcessSpec) => host.client.setProcess(spec).catch((error) => error)
    const broken = await busyboxImage({ cmd: ['/bin/nothing'] })
    expect(await refused(await specOf(broken.path))).toMatchObject({ code: 'verify.failed' })
    const foreign = await busyboxImage({ architecture: 's390x', cmd: SERVES })
    expect((await refused(await specOf(foreign.path))).message).toContain('is for linux/s390x, this host is linux/')
    const spec = await specOf((await pack('large')).path, { unpacked: 1000 })
    expect((await refused(spec)).message).toContain('unpacks to more than is allowed')
    const linked = await busyboxImage({
      cmd: SERVES,
      more: [{ path: 'tmp', type: 'SymbolicLink', linkpath: host.folder }],
    })
    expect((await refused(await specOf(linked.path))).message).toContain('the image has /tmp as a link or a file')
    expect(await textOf((await sure('web')).url)).toBe('moin')
    expect(await rootsOf('web')).toHaveLength(1)
  })

  it('comes back with the next supervisor, from the image that it has unpacked', async () => {
    const before = (await sure('web')).url
    await host.supervisor.close()
    host = await openHost({}, host.folder)
    await waitFor('it to run', () => running('web', undefined))
    expect(await textOf(before)).toBe('moin')
  })

  it.skipIf(!OTHERS)(`is as far apart where the supervisor is not root${OTHERS ? '' : NOT_ROOT}`, async () => {
    const folder = await tempFolder('other', 0o755)
    const { path } = await pack('hello')
    const layout = join(folder, 'layout')
    await cp(path, layout, { recursive: true })
    await giveTo({ uid: OTHER, gid: OTHER }, folder)
    const other = spawn(process.execPath, [MAIN, join(folder, 'supervisor')], {
      ...{ uid: OTHER, gid: OTHER, cwd: '/', env: { PATH: process.env.PATH }, stdio: ['pipe', 'pipe', 'inherit'] },
    })
    try {
      const [line] = await once(createInterface({ input: other.stdout as Readable }), 'line')
      const { address } = JSON.parse(String(line))
      // Only its own user may read the token; root may.
      const client = new SupervisorClient(address)
      expect(await client.walls()).toEqual({ ready: true })
      const { url } = await client.setProcess({ ...(await specOf(layout)), name: 'other' })
      expect((await inside(url, 'ls /')).split('\n')).toEqual(['app', 'bin', 'dev', 'etc', 'home', 'proc', 'tmp'])
      expect(await inside(url, 'id -u; echo x >/etc/made-of; cat /etc/made-of; cat /proc/1/environ')).toMatch(
        /^1234\nx\ncat: .*: Permission denied$/,
      )
      await client.removeProcess('other')
    } finally {
      const ended = once(other, 'exit')
      other.stdin?.end()
      await ended
    }
  })

  it('is measured when it is packed, and one whose base is broken is refused there', async () => {
    const { path, ...measured } = await pack('hello')
    const { source, ...files } = await artifactIn(path)
    expect(source).toBe(path)
    expect(measured).toEqual({ travels: 'image', unpacked: await unpackedBytes(path), ...files })
    const broken = componentOf({
      base: await storeBase(artifacts, await imageOf([Buffer.from('no archive')], {}, OURS)),
    })
    await expect(
      container.pack(await webApp('hello'), broken, await tempFolder('packed'), { artifacts }),
    ).rejects.toMatchObject({ code: 'build.failed' })
  })

  it('leaves nothing when it is removed', async () => {
    const { pid } = await sure('web')
    await host.client.removeProcess('web')
    for (const folder of ['roots', 'releases', 'instances'])
      expect(await readdir(join(host.folder, folder))).toEqual([])
    expect((await listProcesses()).filter(({ group }) => group === pid)).toEqual([])
  })

  it('is declared with its stores, where their address says, and is replaced and destroyed as all else', async () => {
    const provider = await startProvider({ companion: host.supervisor.address })
    const stack = await hostStack(provider.address)
    const program = (artifact: Artifact, lacks?: string) => () => {
      const common = { workspace: { id: 'w-1', name: 'demo' }, region: 'host' }
      const files = store.declare({
        ...common,
        component: componentSchema.parse({ name: 'files', kind: 'store', sizeMb: 5 }) as ComponentOf<'store'>,
        ...{ artifact: { travels: 'nothing' }, slug: 'demo-files', environment: {}, uses: {} },
      })
      const { url } = container.declare({
        ...common,
        ...{ component: componentOf({ uses: ['files'] }), artifact, slug: 'demo-web' },
        ...{ environment: { FILES_URL: output(files.url).apply((url) => url ?? '') }, uses: { files } },
        ...(lacks === undefined ? {} : { surroundings: { lacks } }),
      })
      return { url, files: files.url }
    }
    try {
      const first = await pack('first')
      const { outputs, text } = await stack.run('up', program(first))
      expect(text).toBe('')
      const [url, files] = [String(outputs.url), fileURLToPath(String(outputs.files))]
      await writeFile(join(files, 'from-outside'), 'hello')
      expect(await inside(url, `cd \${FILES_URL#file://}; cat from-outside; echo x >from-inside`)).toBe('hello')
      expect((await stack.run('up', program(first))).changed).toEqual([])
      expect((await stack.run('up', program(await pack('second')))).changed).toEqual(['update web'])
      expect(await textOf(url)).toBe('second')
      expect((await readdir(files)).sort()).toEqual(['from-inside', 'from-outside'])
      await host.client.removeProcess('demo-web')
    } finally {
      await provider.close()
    }
  })

  async function running(name: string, before: number | undefined) {
    const found = await host.client.process(name)
    return found?.state === 'running' && found.pid !== before ? found : undefined
  }

  const sure = (name: string) => waitFor(`${name} to run`, () => running(name, undefined))
})

describe('what a container takes of a host', () => {
  const demand = (inputs: Record<string, unknown>) =>
    rules[PROCESS]?.demand(
      { runtime: 'container', memory: 64, bytes: 3e6, ...inputs },
      { plan: 'own-host', region: 'lab-1', expect: { requests: 0, egressMb: 0 } },
    )

  it('is its packed image with those before it, twice the unpacked one, memory with files in memory, and a port', () => {
    const answer = demand({ unpacked: 10 * 1024 ** 2 })
    if (!answer?.ok) throw new Error('refused')
    expect(Object.fromEntries(answer.demand.amounts.map(({ meter, amount }) => [meter, amount]))).toEqual({
      'pip-host.memory': 64 + MEMORY_FILES_MIB,
      'pip-host.disk': 3 + 16 + 2 + 64 + 20,
      'pip-host.ports': 1,
    })
  })

  it.skipIf(!HAS_WALLS)(`is asked of the host by going all the way in${NO_WALLS}`, async () => {
    expect(await new ContainerWalls().state()).toEqual({ ready: true })
    expect(await new ContainerWalls('/nowhere').state()).toEqual({ ready: false, why: 'there is no unshare' })
  })

  it('is refused where nobody says how large it is, and where the host lacks something, with what and what to do', () => {
    expect(demand({})).toMatchObject({ ok: false, code: 'lock.unsafe-input' })
    expect(demand({ unpacked: 1, lacks: 'unshare failed: Operation not permitted' })).toMatchObject({
      ok: false,
      message: 'host lab-1 cannot run containers: unshare failed: Operation not permitted',
      hint: CONTAINERS_NEED,
    })
  })
})
