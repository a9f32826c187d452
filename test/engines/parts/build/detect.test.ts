import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { componentSchema, isBuilt } from '../../../../engines/contract/component.ts'
import { buildComponent } from '../../../../engines/parts/build/build-component.ts'
import { detect, describe as say } from '../../../../engines/parts/build/detect.ts'
import { locateResult } from '../../../../engines/parts/build/locate-result.ts'
import { writeZip } from '../../../../engines/parts/zip/zip.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { orderOf } from './orders.ts'

const PACKAGE = JSON.stringify({ name: 'a', dependencies: { b: '1.0.0' }, scripts: { build: 'make it' } })

function component(more: object) {
  const parsed = componentSchema.parse({ name: 'web', kind: 'service', ...more })
  if (!isBuilt(parsed)) throw new Error('this one has no source')
  return parsed
}

async function said(files: Record<string, string>, more: object = {}) {
  const { source } = await orderOf(files, component(more))
  return say(await detect(source, component(more)))
}

describe('what builds a component', () => {
  const JVM = { runtime: 'jvm' }
  const lock = { 'package.json': PACKAGE, 'package-lock.json': '{}' }
  it.each([
    ['npm with its lock file and its script', lock, {}, 'npm ci, then npm run build'],
    [
      'npm with a shrinkwrap',
      { 'package.json': PACKAGE, 'npm-shrinkwrap.json': '{}' },
      {},
      'npm ci, then npm run build',
    ],
    ['npm without a lock file', { 'package.json': PACKAGE }, {}, 'npm install, then npm run build'],
    ['the manifest’s command in place of the script', lock, { build: { command: 'make' } }, 'npm ci, then make'],
    ['nothing where there is nothing to do', { 'package.json': '{}' }, {}, 'nothing to install or run'],
    ['nothing for files', { 'index.html': '' }, { kind: 'site' }, 'files as they are'],
    ['nothing where the manifest says so', lock, { build: { tool: 'none' } }, 'files as they are'],
    ['Maven', { 'pom.xml': '', 'package.json': PACKAGE }, JVM, 'maven'],
    ['Maven by its wrapper', { 'pom.xml': '', mvnw: '' }, JVM, 'maven (./mvnw)'],
    ['Gradle by its wrapper', { 'build.gradle.kts': '', gradlew: '' }, JVM, 'gradle (./gradlew)'],
    ['no Maven for a Node service', { 'pom.xml': '' }, {}, 'files as they are'],
    ['BoxLang', { 'app/index.bxm': '' }, JVM, 'BoxLang pages, nothing to build'],
  ])('is %s', async (_name, files, more, words) => {
    expect(await said(files as Record<string, string>, more)).toBe(words)
  })

  it('is refused where it cannot be honoured, and says what to do', async () => {
    await expect(said({ 'package.json': PACKAGE, 'pnpm-lock.yaml': '' })).rejects.toMatchObject({
      code: 'build.failed',
      message: expect.stringContaining('pnpm-lock.yaml'),
      hint: expect.stringContaining('--package-lock-only'),
    })
    await expect(said({ 'build.gradle': '' }, JVM)).rejects.toThrow(/holds no gradlew/)
    await expect(said({}, { ...JVM, build: { tool: 'maven' } })).rejects.toThrow(/holds no pom.xml/)
    await expect(said({ 'package.json': '{' })).rejects.toThrow(/package.json is not valid/)
  })

  it('and is missing on this host is named, with what to install', async () => {
    const { order } = await orderOf({ 'pom.xml': '' }, component(JVM))
    await expect(buildComponent({ ...order, path: '/nowhere' })).rejects.toMatchObject({
      code: 'build.failed',
      message: expect.stringContaining('This host has no java'),
      hint: expect.stringContaining('apt install'),
    })
  })
})

describe('the result of a site', () => {
  it('is what its script has made, not the raw page beside it', async () => {
    const build = 'mkdir -p dist && echo made > dist/index.html'
    const files = { 'index.html': 'raw', 'package.json': JSON.stringify({ scripts: { build } }) }
    const { order } = await orderOf(files, component({ kind: 'site' }))
    const { path, made } = await buildComponent(order)
    expect(await readFile(`${path}/index.html`, 'utf8')).toBe('made\n')
    expect(made).toEqual({ tool: 'npm', runtime: 'files' })
  })

  const RAW = { 'index.html': 'raw' }
  const cases: (readonly [Record<string, string>, Record<string, string>, string])[] = [
    ...['dist', 'build', 'public', 'out', '_site'].map(
      (name) => [RAW, { ...RAW, [`${name}/index.html`]: '' }, name] as const,
    ),
    [RAW, RAW, '.'],
    [{ ...RAW, 'public/index.html': '' }, { ...RAW, 'public/index.html': '' }, '.'],
    [{ 'public/index.html': '' }, { 'public/index.html': '' }, 'public'],
    [{ 'public/index.html': '' }, { 'public/index.html': '', 'dist/index.html': '' }, 'dist'],
  ]
  it.each(cases)('of %j, once %j is there, is in %s', async (before, after, folder) => {
    const [raw, done] = [
      await orderOf(before, component({ kind: 'site' })),
      await orderOf(after, component({ kind: 'site' })),
    ]
    const place = { folder: done.source, root: done.source, before: raw.source }
    const result = await locateResult({
      component: done.order.component,
      detected: { tool: 'npm' },
      settings: {},
      ...place,
    })
    expect(result.folder).toBe(join(done.source, folder))
  })
})

describe('the result of a JVM service', () => {
  it('is a jar that lies in the source, with what its Class-Path names, and nothing else', async () => {
    const jar = await jarOf('Main-Class: a.Main\r\nClass-Path: lib/one.jar lib/t\r\n wo.jar ../../evil.jar\r\n')
    const files = { 'app.jar': jar, 'lib/one.jar': '1', 'lib/two.jar': '2', 'lib/three.jar': '3', 'notes.txt': '' }
    const { order } = await orderOf(files, component({ runtime: 'jvm' }))
    const { path, made } = await buildComponent(order)
    expect(made).toEqual({ tool: 'none', runtime: 'jar', jar: 'app.jar' })
    expect((await readdir(path, { recursive: true })).sort()).toEqual(['app.jar', 'lib', 'lib/one.jar', 'lib/two.jar'])
  })

  it('is the one that the manifest names, a war too', async () => {
    const jar = await jarOf('Main-Class: a.Main\n')
    const { order } = await orderOf({ 'a.jar': jar, 'out/b.war': jar }, component({ runtime: 'jvm', jar: 'out/b.war' }))
    expect((await buildComponent(order)).made).toEqual({ tool: 'none', runtime: 'war', jar: 'out/b.war' })
  })

  it('is refused where none or several can be started, by name', async () => {
    const starts = await jarOf('Main-Class: a.Main\n')
    const two = await orderOf({ 'a.jar': starts, 'b.jar': starts }, component({ runtime: 'jvm' }))
    await expect(buildComponent(two.order)).rejects.toThrow(/Several jars can be started: a.jar, b.jar/)
    const none = await orderOf({ 'a.jar': await jarOf('A: b\n\nMain-Class: no\n') }, component({ runtime: 'jvm' }))
    await expect(buildComponent(none.order)).rejects.toThrow(/a.jar cannot be started: no Main-Class/)
    const sources = { 'a.jar': starts, 'a-sources.jar': starts, 'original-a.jar': starts, 'a-plain.jar': starts }
    const one = await orderOf(sources, component({ runtime: 'jvm' }))
    expect((await buildComponent(one.order)).made?.jar).toBe('a.jar')
    const damaged = await orderOf({ 'a.jar': 'no zip' }, component({ runtime: 'jvm' }))
    await expect(buildComponent(damaged.order)).rejects.toMatchObject({ code: 'build.failed' })
  })

  it('is BoxLang pages beside their MiniServer, where this host has one', async () => {
    const app = await orderOf(
      { 'app/index.bxm': 'hi', 'mini.txt': 'the jar' },
      component({ runtime: 'jvm', path: 'app' }),
    )
    await expect(buildComponent(app.order)).rejects.toThrow(/this host has no MiniServer/)
    const settings = { boxlang: `${app.source}/mini.txt` }
    const { path, made } = await buildComponent({ ...app.order, settings })
    expect(made).toEqual({ tool: 'none', runtime: 'boxlang', jar: 'boxlang-miniserver.jar' })
    expect((await readdir(path, { recursive: true })).sort()).toEqual([
      'boxlang-miniserver.jar',
      'webroot',
      'webroot/index.bxm',
    ])
  })
})

async function jarOf(manifest: string): Promise<Uint8Array> {
  const file = `${await tempFolder('jar')}/made.jar`
  await writeZip(
    [
      { name: 'META-INF/MANIFEST.MF', text: `Manifest-Version: 1.0\n${manifest}` },
      { name: 'a/Main.class', text: 'x' },
    ],
    file,
  )
  return readFile(file)
}
