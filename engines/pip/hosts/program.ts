import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { create } from 'tar'
import { PipiError } from '../../../catalog/errors.ts'
import { type ArtifactFile, digestOf } from '../../parts/build/digest.ts'

/** The checkout, or what was published. */
const ROOT = join(import.meta.dirname, '..', '..', '..')
/** Whole folders: what a supervisor starts is not imported by it. */
const FOLDERS = [
  'engines/pip/supervisor',
  'engines/pip/hosts/far',
  'engines/parts/bootstrap',
  'engines/parts/container',
]
/** A type costs nothing at run time, and may come from anywhere. */
const IMPORT = /^(?:import|export)\s(?!type\s)(?:[^'";]*?\sfrom\s)?'([^']+)'/gm

export interface Program {
  /** sha256 in hex of all of it: the same program has the same digest anywhere. */
  digest: string
  /** As tar.gz, made anew each time. */
  pack(): AsyncIterable<Uint8Array>
}

/** All that runs on a host in our name: the supervisor, what it imports, and the packages that those import. */
export async function supervisorProgram(root = ROOT): Promise<Program> {
  const paths = new Set<string>(['package.json'])
  const packages = new Set<string>()
  const open: string[] = []
  for (const folder of FOLDERS) open.push(...(await filesBelow(join(root, folder))))
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const path = relative(root, file).split(sep).join('/')
    if (paths.has(path)) continue
    paths.add(path)
    for (const name of await importsOf(file)) {
      if (name.startsWith('.')) open.push(join(dirname(file), name))
      else if (!name.startsWith('node:')) packages.add(packageOf(name))
    }
  }
  for (const name of packages) for (const path of await filesOfPackage(root, name, packages)) paths.add(path)
  const files: ArtifactFile[] = [...paths].map((path) => ({
    path,
    source: join(root, path),
    size: 0,
    executable: false,
  }))
  const sorted = [...paths].sort()
  return {
    digest: await digestOf(files),
    pack: () =>
      create(
        { cwd: root, gzip: { level: 6 }, portable: true, mtime: new Date(0), follow: true },
        sorted,
      ) as AsyncIterable<Uint8Array>,
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && /\.(ts|js|mjs|sh|json)$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
}

async function importsOf(file: string): Promise<string[]> {
  if (!/\.(ts|js|mjs)$/.test(file)) return []
  const text = await readFile(file, 'utf8')
  return [...text.matchAll(IMPORT)].map((match) => match[1] as string)
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}

/** Adds what the package depends on to `all`, which is being walked. */
async function filesOfPackage(root: string, name: string, all: Set<string>): Promise<string[]> {
  const folder = join(root, 'node_modules', name)
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch((cause: unknown) => {
    throw new PipiError('toolchain.missing', `the package ${name} is not installed`, { hint: 'npm ci', cause })
  })
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> }
  for (const one of Object.keys(dependencies)) all.add(one)
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && /\.(js|mjs|cjs|json)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.slice(`node_modules/${name}/`.length).startsWith('src/'))
}
