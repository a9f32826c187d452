import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { siteSchema } from '../../contract/component.ts'
import { buildComponent } from '../../parts/build/build-component.ts'
import { fetchSource } from '../../parts/source/fetch-source.ts'
import { entriesOf, writeZip } from '../../parts/zip/zip.ts'

/** A static site of an App's spec, as far as the sandbox reads it. */
export interface StaticSite {
  git?: { repoCloneUrl?: string; branch?: string }
  sourceDir?: string
  buildCommand?: string
  outputDir?: string
  errorDocument?: string
}

/** By commit and folders: what was built without a command is the same again. */
const built = new Map<string, Promise<Uint8Array>>()
const MOST_KEPT = 50

/** What App Platform does after a create: clone the branch, build, keep the result. Returns a zip of what is served. */
export async function buildStaticSite(site: StaticSite): Promise<Uint8Array> {
  const same = await sameness(site)
  if (same === undefined) return build(site)
  const before = built.get(same)
  if (before !== undefined) return before
  if (built.size >= MOST_KEPT) built.clear()
  const made = build(site)
  built.set(same, made)
  made.catch(() => built.delete(same))
  return made
}

/** The exact commit of a repository on this machine, and which of its files are served as they are. */
async function sameness({ git, sourceDir, buildCommand, outputDir }: StaticSite): Promise<string | undefined> {
  const { repoCloneUrl, branch } = git ?? {}
  if (buildCommand !== undefined || branch === undefined || repoCloneUrl?.startsWith('file:') !== true) return undefined
  const head = new URL(`${repoCloneUrl}/.git/refs/heads/${branch}`)
  const commit = await readFile(head, 'utf8').catch(() => undefined)
  return commit === undefined ? undefined : JSON.stringify([repoCloneUrl, commit.trim(), sourceDir, outputDir])
}

async function build(site: StaticSite): Promise<Uint8Array> {
  const { repoCloneUrl, branch } = site.git ?? {}
  if (repoCloneUrl === undefined || branch === undefined)
    throw new Error('error deploying app: the static site has no git clone URL and branch')
  const folder = await mkdtemp(join(tmpdir(), 'app-platform-'))
  try {
    const path = inside(site.sourceDir)
    // The sandbox runs on the owner's machine, so folders of it are repositories too.
    const order = {
      url: repoCloneUrl,
      // A tag or commit of that name is no branch.
      ref: `refs/heads/${branch}`,
      path: '.',
      local: true,
      folder: join(folder, 'source'),
      signal: AbortSignal.timeout(600_000),
    }
    const source = await fetchSource(order).catch((cause: unknown) => {
      throw new Error(`error deploying app: could not clone ${repoCloneUrl} at branch "${branch}": ${wordsOf(cause)}`, {
        cause,
      })
    })
    const component = siteSchema.parse({
      kind: 'site',
      name: 'site',
      path,
      build: {
        ...(site.buildCommand === undefined ? {} : { command: site.buildCommand }),
        ...(inside(site.outputDir) === '.' ? {} : { output: inside(site.outputDir) }),
      },
    })
    const built = await buildComponent({
      sourceFolder: source.folder,
      component,
      // The folder below is this build's alone: nobody else's artifacts lie in it.
      account: 'app-platform',
      workFolder: join(folder, 'build'),
      artifacts: join(folder, 'artifacts'),
      signal: order.signal,
      log: () => undefined,
    }).catch((cause: unknown) => {
      throw new Error(`error deploying app: build of "/${path}" failed: ${wordsOf(cause)}`, { cause })
    })
    const zip = join(folder, 'site.zip')
    const files = await entriesOf(built.path, '')
    await writeZip(
      files.map((entry) => ({ ...entry, name: entry.name.slice(1) })),
      zip,
    )
    return await readFile(zip)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** `/site/` as a path inside the source. */
function inside(path: string | undefined): string {
  return (path ?? '').replace(/^\/+|\/+$/g, '') || '.'
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
