import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError, type Problem } from './errors.ts'
import { lintPlatform } from './lint.ts'
import { readYaml } from './read-yaml.ts'
import { type Platform, platformSchema } from './schema.ts'

/** The folder of the catalogue that comes with the program. */
export const CATALOG_FOLDER = import.meta.dirname

/** Every platform of the catalogue by its code. Throws `catalog.invalid` with every problem of every file. */
export async function loadCatalog(folder: string = CATALOG_FOLDER): Promise<Map<string, Platform>> {
  const { platforms, problems } = await readCatalog(folder)
  if (problems.length > 0) {
    throw new PipiError(
      'catalog.invalid',
      `the catalogue has ${problems.length} problem(s), the first: ${problemText(problems[0])}`,
      {
        hint: 'run `./pipi catalog lint` for all of them',
        problems,
      },
    )
  }
  return platforms
}

/** Facts of one platform. Throws `not-found` naming the codes there are. */
export async function loadPlatform(code: string, folder: string = CATALOG_FOLDER): Promise<Platform> {
  const codes = await catalogCodes(folder)
  if (!codes.includes(code)) {
    throw new PipiError('not-found', `the catalogue has no platform "${code}"`, {
      hint: `it knows ${codes.join(', ')}`,
    })
  }
  const read = await readPlatform(join(folder, `${code}.yaml`), code)
  if (!read.ok) {
    throw new PipiError('catalog.invalid', `catalogue file ${code}.yaml: ${problemText(read.problems[0])}`, {
      problems: read.problems,
    })
  }
  return read.value
}

/** All platforms that can be read, and all problems of those that cannot. */
export async function readCatalog(
  folder: string = CATALOG_FOLDER,
): Promise<{ platforms: Map<string, Platform>; problems: Problem[] }> {
  const platforms = new Map<string, Platform>()
  const problems: Problem[] = []
  for (const code of await catalogCodes(folder)) {
    const read = await readPlatform(join(folder, `${code}.yaml`), code)
    if (read.ok) platforms.set(code, read.value)
    else problems.push(...read.problems)
  }
  return { platforms, problems }
}

async function catalogCodes(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => name.replace(/\.ya?ml$/, ''))
    .sort()
}

async function readPlatform(file: string, code: string): ReturnType<typeof readYaml<typeof platformSchema>> {
  const read = await readYaml(file, platformSchema)
  if (!read.ok) return read
  const problems = lintPlatform(read.value, file, code, read.locate)
  return problems.length === 0 ? read : { ok: false, problems }
}

function problemText(problem: Problem | undefined): string {
  if (problem === undefined) return 'unknown'
  const where = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':')
  return [where, problem.path, problem.message].filter((part) => part !== undefined && part !== '').join(' ')
}
