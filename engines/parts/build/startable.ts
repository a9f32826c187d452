import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { Made } from '../../contract/engine.ts'
import { ZipReader } from '../zip/read-zip.ts'

export interface Startable {
  /** What is kept: this folder, and of it only `only` where that is set. */
  folder: string
  only?: string[]
  /** What `java -jar` starts, relative to `folder`. */
  jar: string
}

/** Where each tool leaves what it made, best first; a Quarkus application is a folder of its own. */
const PLACES: Record<Made['tool'], string[]> = {
  github: ['.'],
  maven: ['target/quarkus-app', 'target'],
  gradle: ['build/quarkus-app', 'build/libs'],
  npm: ['.'],
  none: ['.'],
}
const NOT_THE_ONE = /(-sources|-javadoc|-tests|-test-sources|-plain)\.(jar|war)$|^original-/

/**
 * The one jar or war that can be started: as the manifest names it, else the only one where the tool leaves it. With it
 * goes what its Class-Path names. Throws `build.failed`.
 * @param folder the component's folder, or what it names as `build.output`
 */
export async function findStartable(
  folder: string,
  tool: Made['tool'],
  named: string | undefined,
  output: boolean,
): Promise<Startable> {
  if (named !== undefined) return startable(join(folder, named), named, folder)
  for (const place of output ? ['.'] : PLACES[tool]) {
    const found = await jarsIn(join(folder, place))
    const starting = (await Promise.all(found.map(async (file) => ((await mainOf(file)) ? [file] : [])))).flat()
    if (starting.length === 1) return startable(starting[0] as string, place, join(folder, place))
    const names = starting.map((file) => relative(folder, file)).join(', ')
    if (starting.length > 1)
      throw failed(`Several jars can be started: ${names}`, 'Name the one that is meant as "jar" in the manifest.')
    if (found.length > 0)
      throw failed(
        `${found.map((file) => relative(folder, file)).join(', ')} cannot be started: no Main-Class in its manifest`,
        'Let the build make a jar that runs by java -jar, with its dependencies (Spring Boot, Shade, Shadow, Quarkus). A war needs one too.',
      )
  }
  const where = output ? 'build.output' : PLACES[tool].join(' or ')
  throw failed(
    `No jar or war was found in ${where}`,
    'Name it as "jar", or the folder that holds it as "build.output".',
  )
}

async function startable(file: string, named: string, root: string): Promise<Startable> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) throw failed(`There is no ${named} in the result`, 'Check "jar" in the manifest.')
  const manifest = await manifestOf(file)
  if (!manifest.has('main-class'))
    throw failed(`${named} cannot be started: no Main-Class in its manifest`, 'Make a jar that runs by java -jar.')
  const jar = relative(root, file)
  // A folder of its own goes along as it is.
  if (basename(root) === 'quarkus-app') return { folder: root, jar }
  const beside = (manifest.get('class-path') ?? '').split(' ').filter((path) => /^[A-Za-z0-9_]/.test(path))
  const inside = beside.map(decode).filter((path) => !path.split('/').includes('..') && !/^[a-z]+:/i.test(path))
  return { folder: root, jar, only: [jar, ...inside.map((path) => join(dirname(jar), path.replace(/\/$/, '')))] }
}

async function jarsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => /\.(jar|war)$/.test(name) && !NOT_THE_ONE.test(name)).map((name) => join(folder, name))
}

async function mainOf(file: string): Promise<boolean> {
  return (await manifestOf(file)).has('main-class')
}

/** The main section of a jar's manifest, names in small letters. */
async function manifestOf(file: string): Promise<Map<string, string>> {
  const zip = await ZipReader.open(file)
  try {
    const entry = zip.files.find(({ name }) => name.toUpperCase() === 'META-INF/MANIFEST.MF')
    const text = entry === undefined ? '' : await zip.text(entry)
    // A line that begins with a blank goes on with the one before; the first empty line ends the main section.
    const [main = ''] = text.replace(/\r\n?/g, '\n').replace(/\n /g, '').split('\n\n')
    return new Map(main.split('\n').flatMap((line) => pair(line)))
  } finally {
    await zip.close()
  }
}

function pair(line: string): [string, string][] {
  const at = line.indexOf(': ')
  return at < 0 ? [] : [[line.slice(0, at).toLowerCase(), line.slice(at + 2).trim()]]
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function failed(message: string, hint: string): PipiError {
  return new PipiError('build.failed', message, { hint })
}
