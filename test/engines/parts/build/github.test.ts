import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { siteSchema } from '../../../../engines/contract/component.ts'
import { buildComponent } from '../../../../engines/parts/build/build-component.ts'
import {
  buildOnGitHub,
  type GitHubBuildOrder,
  repositoryOf,
} from '../../../../engines/parts/build/github/build-on-github.ts'
import { writeZip, type ZipEntry } from '../../../../engines/parts/zip/zip.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { orderOf } from './orders.ts'

/** What GitHub's REST API does, as far as a build meets it, with a store of blobs on an address of its own. */
const github = {
  heard: [] as { method: string; path: string; token: string | undefined; body: string }[],
  inputs: undefined as Record<string, string> | undefined,
  /** Answers in place of the usual one: the first whose path matches is used up. */
  next: [] as { path: RegExp; status: number; headers?: Record<string, string>; body?: string; hangs?: boolean }[],
  zip: new Uint8Array() as Uint8Array,
  digest: '' as string | null,
  looks: 0,
  finishedAfter: 2,
  conclusion: 'success',
  size: 100,
  expired: false,
  named: true,
  strangers: 0,
}
const FRESH = structuredClone({ ...github, zip: undefined })
const [api, blobs] = [
  createServer(answerApi),
  createServer((request, response) => {
    hear(request, '')
    response.end(github.zip)
  }),
]
const addressOf = (server: typeof api) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

function hear(request: IncomingMessage, body: string): void {
  const { method = '', url: path = '', headers } = request
  github.heard.push({ method, path, token: headers.authorization, body })
}

async function answerApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  hear(request, Buffer.concat(chunks).toString())
  const { method, url = '' } = request
  const json = (status: number, body: unknown) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const planned = github.next.findIndex(({ path }) => path.test(`${method} ${url}`))
  if (planned >= 0) {
    const [{ status, headers, body, hangs }] = github.next.splice(planned, 1) as [(typeof github.next)[number]]
    if (!hangs) response.writeHead(status, headers).end(body ?? JSON.stringify({ message: `planned ${status}` }))
    return
  }
  const run = (id: number) => ({
    id,
    html_url: `https://github.example/runs/${id}`,
    display_title: github.named && id === 7 ? `pipi ${github.inputs?.pipi}` : 'Build',
    status: github.looks > github.finishedAfter ? 'completed' : 'in_progress',
    conclusion: github.looks > github.finishedAfter ? github.conclusion : null,
  })
  if (url.startsWith('/repos/team/site/actions/workflows/build.yml/dispatches')) {
    github.inputs = JSON.parse(github.heard.at(-1)?.body ?? '{}').inputs
    response.writeHead(204).end()
  } else if (url.startsWith('/repos/team/site/actions/workflows/build.yml/runs')) {
    const ids =
      github.inputs === undefined ? [1, 2] : [...Array(github.strangers).keys()].map((at) => at + 20).concat(7, 1, 2)
    json(200, { workflow_runs: ids.map(run) })
  } else if (url === '/repos/team/site/actions/runs/7') {
    github.looks += 1
    json(200, run(7))
  } else if (url.startsWith('/repos/team/site/actions/runs/7/artifacts')) {
    const { size: size_in_bytes, expired, digest } = github
    json(200, { artifacts: [{ id: 70, name: 'pipi', size_in_bytes, expired, digest }] })
  } else if (url === '/repos/team/site/actions/artifacts/70/zip') {
    response.writeHead(302, { location: `${addressOf(blobs)}/blob?signature=x` }).end()
  } else if (url === '/repos/team/site/actions/runs/7/cancel') json(202, {})
  else json(404, { message: 'Not Found' })
}

beforeAll(async () => {
  for (const server of [api, blobs]) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
})
afterAll(() => {
  for (const server of [api, blobs]) {
    server.closeAllConnections()
    server.close()
  }
})
beforeEach(async () => {
  Object.assign(github, structuredClone(FRESH))
  await hands([{ name: 'index.html', text: 'made there' }])
})

async function hands(entries: ZipEntry[], change = (zip: Uint8Array) => zip): Promise<void> {
  const file = join(await tempFolder('zip'), 'a.zip')
  await writeZip(entries, file)
  github.zip = change(await readFile(file))
  github.digest = `sha256:${createHash('sha256').update(github.zip).digest('hex')}`
}

async function order(more: Partial<GitHubBuildOrder> = {}) {
  const lines: string[] = []
  const folder = join(await tempFolder('github'), 'it')
  const signal = new AbortController().signal
  const made: GitHubBuildOrder = {
    ...{ url: 'https://127.0.0.1/team/site.git', ref: 'main', commit: 'a'.repeat(40), component: 'web' },
    ...{ workflow: 'build.yml', artifact: 'pipi', api: addressOf(api), token: 'ghp_secret', folder, signal },
    ...{ log: (line: string) => lines.push(line), timeMs: 60_000, bytes: 1e6, entries: 100, pollMs: 5, ...more },
  }
  return { made, lines, files: () => readdir(join(folder, 'files')) }
}

async function failing(more: Partial<GitHubBuildOrder> = {}) {
  github.inputs = undefined
  return buildOnGitHub((await order(more)).made).catch((error) => error)
}

describe('a build by GitHub Actions', () => {
  it('starts the workflow for the exact commit, waits for its run, and takes what it hands back', async () => {
    const { made, lines, files } = await order()
    await buildOnGitHub(made)
    expect(await files()).toEqual(['index.html'])
    expect(github.inputs).toEqual({
      commit: made.commit,
      component: 'web',
      pipi: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(lines).toContain('GitHub builds it: https://github.example/runs/7')
    const [toApi, toBlobs] = [
      github.heard.filter(({ path }) => path.startsWith('/repos/')),
      github.heard.filter(({ path }) => path.startsWith('/blob')),
    ]
    expect(new Set(toApi.map(({ token }) => token))).toEqual(new Set(['Bearer ghp_secret']))
    expect(toBlobs.map(({ token }) => token)).toEqual([undefined])
  })

  it('knows its run by the only new one where the workflow does not show our id, and refuses to guess', async () => {
    github.named = false
    await buildOnGitHub((await order()).made)
    Object.assign(github, structuredClone(FRESH), { named: false, strangers: 1 })
    expect(await failing()).toMatchObject({ code: 'build.failed', hint: expect.stringContaining('run-name') })
  })

  it.each([
    ['an unknown token', { path: /runs/, status: 401 }, /does not know the token/, /PIPI_GITHUB_TOKEN/],
    [
      'a workflow that is not there',
      { path: /GET .*workflows/, status: 404 },
      /no workflow build.yml/,
      /\.github\/workflows/,
    ],
    [
      'a workflow without our inputs',
      { path: /POST .*dispatches/, status: 422, body: '{"message":"Unexpected inputs provided"}' },
      /Unexpected inputs/,
      /workflow_dispatch/,
    ],
    [
      'a token without the right to',
      { path: /POST .*dispatches/, status: 403 },
      /answers 403/,
      /Actions, read and write/,
    ],
    [
      'a limit that lasts too long',
      { path: /POST .*dispatches/, status: 429, headers: { 'retry-after': '7200' } },
      /a limit of its own/,
      /7200 seconds/,
    ],
  ])('names %s, and what to do', async (_name, planned, message, hint) => {
    github.next.push(planned)
    expect(await failing()).toMatchObject({
      code: 'build.failed',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })

  it('outlasts GitHub’s limits and faults', async () => {
    const reset = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000)) }
    github.next.push(
      { path: /workflows.*runs/, status: 502 },
      { path: /POST .*dispatches/, status: 429, headers: { 'retry-after': '0' } },
      { path: /runs\/7$/, status: 403, headers: reset },
      { path: /runs\/7\/artifacts/, status: 503 },
      { path: /artifacts\/70\/zip/, status: 500 },
    )
    const { made, files } = await order()
    await buildOnGitHub(made)
    expect(await files()).toEqual(['index.html'])
    expect(github.next).toEqual([])
    expect(github.heard.filter(({ path }) => path.endsWith('dispatches'))).toHaveLength(2)
  })

  it('that fails is told with its address', async () => {
    github.conclusion = 'failure'
    expect(await failing()).toMatchObject({
      code: 'build.failed',
      message: 'The workflow ended with failure: https://github.example/runs/7',
    })
  })

  it('that takes too long, or is not wanted any more, is told to stop', async () => {
    github.finishedAfter = Number.POSITIVE_INFINITY
    expect(await failing({ timeMs: 400 })).toMatchObject({
      code: 'build.timeout',
      message: expect.stringContaining('/runs/7'),
    })
    const cancelled = () => github.heard.filter(({ path }) => path.endsWith('/runs/7/cancel')).length
    expect(cancelled()).toBe(1)
    const stop = new AbortController()
    github.looks = 0
    const ended = failing({ signal: stop.signal })
    await waitFor('the run to go on', () => github.looks > 5)
    stop.abort()
    expect(await ended).toMatchObject({ name: 'AbortError' })
    expect(cancelled()).toBe(2)
  })

  it('is not taken with another digest, too large, expired, or under another name', async () => {
    github.digest = `sha256:${'0'.repeat(64)}`
    expect(await failing()).toMatchObject({
      message: expect.stringMatching(/its digest is sha256:.*GitHub states sha256:0000/),
    })
    await hands([{ name: 'index.html', text: 'x' }])
    github.size = 2e6
    expect(await failing()).toMatchObject({ message: expect.stringContaining('larger than') })
    github.size = 10
    await hands([{ name: 'index.html', text: 'x' }], (zip) => Buffer.concat([zip, Buffer.alloc(2_000_000)]))
    expect(await failing()).toMatchObject({ message: expect.stringContaining('larger than') })
    github.expired = true
    expect(await failing()).toMatchObject({ message: expect.stringContaining('expired') })
    expect(await failing({ artifact: 'other' })).toMatchObject({ message: expect.stringContaining('it has: pipi') })
  })

  it('needs git, the owner, a token, a branch, and a repository where the API is', async () => {
    const { order: build } = await orderOf(
      { 'a.txt': '' },
      siteSchema.parse({ name: 'web', kind: 'site', build: { github: { workflow: 'build.yml' } } }),
    )
    const git = { url: 'https://127.0.0.1/team/site', ref: 'main', commit: 'a'.repeat(40), local: true }
    const settings = { github: { token: 'ghp_secret', api: addressOf(api) } }
    await expect(buildComponent(build)).rejects.toThrow(/needs a source in git/)
    await expect(buildComponent({ ...build, git: { ...git, local: false }, settings })).rejects.toThrow(
      /open to the owner/,
    )
    await expect(buildComponent({ ...build, git })).rejects.toThrow(/needs a token/)
    await expect(buildComponent({ ...build, git: { ...git, ref: git.commit }, settings })).rejects.toThrow(
      /on a branch or tag/,
    )
    for (const url of [
      'https://elsewhere.example/team/site',
      'https://127.0.0.1/team',
      'https://127.0.0.1/team/site/x',
      'no address',
    ])
      expect(() => repositoryOf(url, addressOf(api))).toThrow(/needs a source as https:\/\/127.0.0.1\/owner\/name/)
    expect(repositoryOf('https://github.com/team/site.git')).toBe('team/site')
  })

  it('leaves an artifact like any other, which is taken again for the same commit', async () => {
    const { order: build } = await orderOf(
      { 'a.txt': '' },
      siteSchema.parse({ name: 'web', kind: 'site', build: { github: { workflow: 'build.yml' } } }),
    )
    const git = { url: 'https://127.0.0.1/team/site', ref: 'main', commit: 'a'.repeat(40), local: true }
    github.finishedAfter = 0
    const all = { ...build, git, settings: { github: { token: 'ghp_secret', api: addressOf(api) } } }
    const built = await buildComponent(all)
    expect(built.made).toEqual({ tool: 'github', runtime: 'files' })
    expect(await readdir(built.path)).toEqual(['index.html'])
    const heard = github.heard.length
    expect(await buildComponent(all)).toEqual(built)
    expect(github.heard).toHaveLength(heard)
  })
})
