import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fetchSource } from '../../../../engines/parts/source/fetch-source.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const signal = new AbortController().signal

/** What is refused before git runs needs no repository of its own. */
let one: ReturnType<typeof repository> | undefined
function shared() {
  one ??= repository()
  return one
}

describe('fetchSource', () => {
  it('fetches a branch, a tag and a full commit of a local repository', async () => {
    const { url, first, folder } = await repository()
    const branch = await fetchSource({ url, ref: 'main', path: '.', local: true, folder, signal })
    expect(await readFile(join(branch.folder, 'page.txt'), 'utf8')).toBe('second')
    const tag = await fetchSource({ url, ref: 'v1', path: '.', local: true, folder, signal })
    expect(tag.commit).toBe(first)
    const commit = await fetchSource({ url, ref: first, path: 'sub', local: true, folder, signal })
    expect(await readdir(commit.folder)).toEqual(['inner.txt'])
    expect(await readFile(join(commit.folder, '../page.txt'), 'utf8')).toBe('first')
  })

  it('takes neither git folder nor links nor hooks along', async () => {
    const { url, folder } = await repository()
    const { folder: source } = await fetchSource({ url, ref: 'main', path: '.', local: true, folder, signal })
    expect((await readdir(source)).sort()).toEqual(['link', 'page.txt', 'sub'])
    expect(await readFile(join(source, 'link'), 'utf8')).toBe('/etc/passwd')
  })

  it.each([
    '--upload-pack=touch pwned',
    '-h',
    '--',
    'a..b',
    '',
    'a b',
    'refs/heads/main:refs/heads/x',
    '+main',
    '$(touch pwned)',
    'main\n',
  ])('refuses the ref %j', async (ref) => {
    const { url, folder } = await shared()
    await expect(fetchSource({ url, ref, path: '.', local: true, folder, signal })).rejects.toMatchObject({
      code: 'source.unreachable',
    })
    await expect(access('pwned')).rejects.toThrow()
  })

  it.each([
    '--upload-pack=touch pwned',
    '-oProxyCommand=touch pwned',
    'ext::sh -c touch% pwned',
    'fd::17',
    'git://github.com/a/b',
    'http://github.com/a/b',
    'https://user:secret@github.com/a/b',
    'https://127.0.0.1/a',
    'https://2130706433/a',
    'https://0x7f.1/a',
    'https://[::1]/a',
    'https://[::ffff:127.0.0.1]/a',
    'https://169.254.169.254/latest',
    'https://10.0.0.1/a',
    'https://localhost/a',
    'file://host/path',
    'ssh://-oProxyCommand=touch/x',
    'javascript:alert(1)',
    '',
  ])('refuses the address %j from the network', async (url) => {
    const { folder } = await shared()
    await expect(fetchSource({ url, ref: 'main', path: '.', local: false, folder, signal })).rejects.toMatchObject({
      code: 'source.unreachable',
    })
    await expect(access('pwned')).rejects.toThrow()
  })

  it('opens a folder of this host to its owner only', async () => {
    const { url, folder } = await repository()
    for (const address of [url, `file://${url}`]) {
      await expect(
        fetchSource({ url: address, ref: 'main', path: '.', local: false, folder, signal }),
      ).rejects.toMatchObject({
        code: 'source.unreachable',
        message: expect.stringContaining('owner only'),
      })
      await fetchSource({ url: address, ref: 'main', path: '.', local: true, folder, signal })
    }
  })

  it('names a ref, a folder or a repository that is not there, and leaves nothing', async () => {
    const { url, folder } = await repository()
    await expect(fetchSource({ url, ref: 'nowhere', path: '.', local: true, folder, signal })).rejects.toMatchObject({
      code: 'source.unreachable',
      message: expect.stringContaining('nowhere'),
      hint: 'It has main, v1.',
    })
    await expect(fetchSource({ url, ref: 'main', path: 'page.txt', local: true, folder, signal })).rejects.toThrow(
      /no folder page.txt/,
    )
    await expect(
      fetchSource({ url: `${url}-gone`, ref: 'main', path: '.', local: true, folder, signal }),
    ).rejects.toMatchObject({
      code: 'source.unreachable',
    })
    await expect(access(folder)).rejects.toThrow()
  })

  it('says what of a repository it leaves out, and runs no filter and no hook of it', async () => {
    const { url, folder, run } = await repository()
    const marker = join(folder, '../ran')
    await writeFile(join(url, '.gitmodules'), '[submodule "s"]\n\tpath = s\n\turl = ext::sh -c touch% x\n')
    await writeFile(join(url, '.gitattributes'), '*.big filter=lfs diff=lfs\n*.txt filter=evil\n')
    await writeFile(join(url, 'a.big'), 'version https://git-lfs.github.com/spec/v1\n')
    await run('config', 'filter.evil.smudge', `touch '${marker}'; cat`)
    await writeFile(join(url, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 })
    await run('add', '.')
    await run('commit', '--quiet', '-m', 'third')
    const { left, folder: source } = await fetchSource({ url, ref: 'main', path: '.', local: true, folder, signal })
    expect(left).toEqual([expect.stringContaining('submodules'), expect.stringContaining('LFS')])
    expect(await readFile(join(source, 'a.big'), 'utf8')).toContain('git-lfs')
    await expect(access(marker)).rejects.toThrow()
    await expect(access(join(source, '.git'))).rejects.toThrow()
  })

  it('stops at a repository that is too large, or has too many files', async () => {
    const { url, folder, run } = await repository()
    for (let at = 0; at < 300; at += 1) await writeFile(join(url, `file-${at}`), 'x'.repeat(5000) + at)
    await run('add', '.')
    await run('commit', '--quiet', '-m', 'many')
    const order = { url, ref: 'main', path: '.', local: true, folder, signal }
    await expect(fetchSource({ ...order, entries: 50 })).rejects.toThrow(/or 50 files/)
    await expect(fetchSource({ ...order, bytes: 100_000 })).rejects.toThrow(/larger than/)
    await expect(access(folder)).rejects.toThrow()
  })

  it('finds a repository that its host knows with .git at its end, and follows no redirect elsewhere', async () => {
    const { url, folder } = await repository()
    const host = await gitHost(url)
    const environment = { GIT_SSL_CAINFO: host.certificate }
    const order = { ref: 'main', path: '.', local: true, folder, signal, environment }
    const { folder: source } = await fetchSource({ ...order, url: `${host.address}/group/sub/site` })
    expect(await readFile(join(source, 'page.txt'), 'utf8')).toBe('second')
    await expect(fetchSource({ ...order, url: `${host.address}/elsewhere.git` })).rejects.toMatchObject({
      code: 'source.unreachable',
    })
    expect(host.asked.some((path) => path.startsWith('/group/sub/site.git/info/refs'))).toBe(true)
    expect(host.asked.some((path) => path.startsWith('/secret'))).toBe(false)
    host.close()
  })

  it('gives up on a host that never answers', async () => {
    const { folder } = await repository()
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/a/b`
    await expect(
      fetchSource({ url, ref: 'main', path: '.', local: true, folder, signal, timeMs: 700 }),
    ).rejects.toThrow(/not there within/)
    silent.close()
  })
})

/** A repository with two commits, a tag on the first, a link, and a hook that must never run. */
async function repository() {
  const root = await tempFolder('source')
  const url = join(root, 'repo "x"')
  await mkdir(join(url, 'sub'), { recursive: true })
  const run = async (...args: string[]) =>
    (
      await promisify(execFile)('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: url })
    ).stdout.trim()
  await run('init', '--quiet', '--initial-branch=main')
  await writeFile(join(url, 'page.txt'), 'first')
  await writeFile(join(url, 'sub/inner.txt'), 'inner')
  await run('add', '.')
  await run('commit', '--quiet', '-m', 'first')
  await run('tag', 'v1')
  const first = await run('rev-parse', 'HEAD')
  await writeFile(join(url, 'page.txt'), 'second')
  await symlink('/etc/passwd', join(url, 'link'))
  await run('add', '.')
  await run('commit', '--quiet', '-m', 'second')
  return { url, first, folder: join(root, 'work'), run }
}

/** A host as GitLab is one: git over https, known by `.git`, with a redirect from the address without it. */
async function gitHost(repository: string) {
  const root = await tempFolder('host')
  const [key, certificate] = [join(root, 'key.pem'), join(root, 'certificate.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  await promisify(execFile)('openssl', ['req', ...kind, '-keyout', key, '-out', certificate, ...subject])
  await symlink(join(repository, '.git'), join(root, 'site.git'))
  const asked: string[] = []
  const server = createHttps({ key: await readFile(key), cert: await readFile(certificate) }, (request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'https://host')
    asked.push(pathname)
    const inside = /^\/group\/sub\/site\.git(\/.*)$/.exec(pathname)?.[1]
    if (inside === undefined) {
      const to = pathname.startsWith('/elsewhere') ? '/secret' : pathname.replace('/site/', '/site.git/')
      return void response.writeHead(301, { location: `${to}${search}` }).end()
    }
    const git = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
      env: {
        PATH: process.env.PATH,
        HOME: root,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        PATH_INFO: `/site.git${inside}`,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'],
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      },
    })
    request.pipe(git.stdin)
    const told: Buffer[] = []
    git.stdout.on('data', (chunk: Buffer) => told.push(chunk))
    git.once('close', () => {
      const answer = Buffer.concat(told)
      const end = answer.indexOf('\r\n\r\n')
      for (const line of answer.toString('latin1', 0, end).split('\r\n')) {
        const [name = '', value = ''] = line.split(': ')
        if (name === 'Status') response.statusCode = Number(value.slice(0, 3))
        else response.setHeader(name, value)
      }
      response.end(answer.subarray(end + 4))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { address, certificate, asked, close }
}
