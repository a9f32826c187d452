import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fetchSource } from '../../../../engines/parts/source/fetch-source.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const signal = new AbortController().signal

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
    const { url, folder } = await repository()
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
    const { folder } = await repository()
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
  return { url, first, folder: join(root, 'work') }
}
