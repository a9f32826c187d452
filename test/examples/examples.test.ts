import { spawn } from 'node:child_process'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../platform/commander/read-manifest.ts'
import { freePort } from '../helpers/free-port.ts'
import { tempFolder } from '../helpers/temp.ts'
import { waitFor } from '../helpers/wait-for.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')

async function copyOf(example: string): Promise<string> {
  const folder = await tempFolder(example)
  await cp(join(EXAMPLES, example), folder, { recursive: true })
  return folder
}

describe('the examples', () => {
  it.each([
    ['research-workspace/workspace.yaml', 'institute', ['site', 'service']],
    ['research-workspace/workspace.lab.yaml', 'lab', ['site', 'service']],
    ['research-workspace/workspace.student.yaml', 'student', ['site']],
    ['research-site/workspace.yaml', 'lab', ['site']],
  ])('%s is a manifest of the template %s', async (path, template, kinds) => {
    const { manifest } = readManifest(await readFile(join(EXAMPLES, path), 'utf8'), path)
    expect(manifest.template).toBe(template)
    expect(manifest.components.map((it) => it.kind)).toEqual(kinds)
  })

  it('share one site', async () => {
    for (const folder of ['site', 'site/assets', 'data']) {
      const files = async (example: string) => {
        const entries = await readdir(join(EXAMPLES, example, folder), { withFileTypes: true })
        return await Promise.all(
          entries
            .filter((it) => it.isFile())
            .map(async (it) => [it.name, await readFile(join(EXAMPLES, example, folder, it.name), 'utf8')]),
        )
      }
      expect(await files('research-site')).toEqual(await files('research-workspace'))
    }
  })

  it.each([
    ['institute', ['404.html', 'assets', 'index.html', 'people', 'projects', 'publications']],
    ['lab', ['404.html', 'assets', 'index.html', 'people', 'projects', 'publications']],
    ['student', ['404.html', 'assets', 'index.html', 'projects']],
  ])('build the site of the template %s', async (template, expected) => {
    const folder = await copyOf('research-workspace')
    await execa(process.execPath, ['site/build.mjs', '--template', template], { cwd: folder })
    expect((await readdir(join(folder, 'public'))).sort()).toEqual(expected)
  })

  it('build pages whose every link leads somewhere', async () => {
    const folder = await copyOf('research-site')
    await execa(process.execPath, ['site/build.mjs'], { cwd: folder })
    const files = (await readdir(join(folder, 'public'), { recursive: true })).filter((file) => file.endsWith('.html'))
    expect(files.length).toBeGreaterThan(5)
    for (const file of files) {
      const html = await readFile(join(folder, 'public', file), 'utf8')
      for (const [, href] of html.matchAll(/href="([^"#]+)"/g)) {
        if (/^(https?|mailto):/.test(href as string)) continue
        const url = new URL(href as string, `http://site.invalid/${file}`)
        const path = url.pathname.endsWith('/') ? `${url.pathname}index.html` : url.pathname
        await expect(readFile(join(folder, 'public', path)), `${file} -> ${href}`).resolves.toBeDefined()
      }
    }
  })

  it('run a service that answers, refuses and ends', async () => {
    const folder = await copyOf('research-workspace')
    const port = await freePort()
    const child = spawn(process.execPath, ['service/server.js'], {
      cwd: folder,
      env: { ...process.env, PORT: String(port), HOST: '127.0.0.1' },
    })
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    try {
      const health = await waitFor('the service to answer', () => ask('/health'))
      expect(health).toMatchObject({ status: 200, body: { status: 'ok' } })
      expect((await ask('/api/publications?year=2026')).body).toHaveLength(2)
      expect((await ask('/api/search?q=eelgrass')).body).toMatchObject({ projects: [{ id: 'eelgrass-return' }] })
      expect((await ask('/api/people/amara-nkemelu')).status).toBe(200)
      expect((await ask('/api/__proto__')).status).toBe(404)
      expect((await ask('/api/people/nobody')).status).toBe(404)
      expect((await ask('/api/search')).status).toBe(400)
      expect((await ask('/', 'POST')).status).toBe(405)
    } finally {
      child.kill('SIGTERM')
    }
    expect(await exited).toBe(0)
  })
})
