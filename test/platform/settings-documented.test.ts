import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

it('docs/settings.md names every variable that the settings read, and none that they do not', async () => {
  const [code, page] = await Promise.all([
    readFile(join(root, 'platform/config.ts'), 'utf8'),
    readFile(join(root, 'docs/settings.md'), 'utf8'),
  ])
  const read = new Set(code.match(/\b(PIPI_[A-Z_]+|DATABASE_URL|REDIS_URL)(?=:)/g))
  const named = new Set(page.match(/\b(PIPI_[A-Z_]+|DATABASE_URL|REDIS_URL)\b/g))
  for (const name of read) expect(named, name).toContain(name)
  const elsewhere = new Set(['PIPI_CACHE_DIR', 'PIPI_CODE_ACCOUNT', 'PIPI_CODE_PLAN', 'PIPI_CODE_CONSENT_WATCHED'])
  for (const name of named) if (!elsewhere.has(name)) expect(read, name).toContain(name)
})
