import { writeFileSync } from 'node:fs'
import { chmod, mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { list } from 'tar'
import { describe, expect, it } from 'vitest'
import { PipiError } from '../../../../catalog/errors.ts'
import { packFolder } from '../../../../platform/cli/source/pack.ts'
import { tempFolder } from '../../../helpers/temp.ts'

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await tempFolder('pack')
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

async function namesIn(bytes: Uint8Array): Promise<string[]> {
  const names: string[] = []
  const reader = list({ onReadEntry: (entry) => void names.push(entry.path.replace(/^\.\//, '')) })
  const read = new Promise((resolve, reject) => reader.on('end', resolve).on('error', reject))
  reader.end(Buffer.from(bytes))
  await read
  return names
}

describe('packing a folder', () => {
  it('gives the same bytes for the same files, whenever and in whichever order they were written', async () => {
    const one = await folderWith({ 'b.txt': 'b', 'a/c.txt': 'c' })
    const other = await folderWith({ 'a/c.txt': 'c', 'b.txt': 'b' })
    await utimes(join(other, 'b.txt'), new Date(1), new Date(1))
    expect((await packFolder(one)).digest).toBe((await packFolder(other)).digest)
  })

  it('gives other bytes for other files', async () => {
    const one = await folderWith({ 'a.txt': 'a' })
    const other = await folderWith({ 'a.txt': 'b' })
    expect((await packFolder(one)).digest).not.toBe((await packFolder(other)).digest)
  })

  it('leaves history, installed packages, our data and secrets at home', async () => {
    const folder = await folderWith({
      'index.js': '',
      '.git/config': '',
      'node_modules/x/index.js': '',
      '.pipi/secret': '',
      '.env': 'KEY=1',
      'sub/.env.local': 'KEY=2',
    })
    await symlink('/etc/passwd', join(folder, 'link'))
    const packed = await packFolder(folder)
    expect(await namesIn(packed.bytes)).toEqual(['index.js'])
    expect(packed.leftOut).toEqual(['.env', 'link', 'sub/.env.local'])
  })

  it('takes names that would mean something to an archiver as names', async () => {
    const folder = await folderWith({ '@all.txt': 'x', '-C': 'y' })
    expect(await namesIn((await packFolder(folder)).bytes)).toEqual(['-C', '@all.txt'])
  })

  it('keeps what can be executed executable', async () => {
    const folder = await folderWith({ 'run.sh': '#!/bin/sh' })
    const before = await packFolder(folder)
    await chmod(join(folder, 'run.sh'), 0o755)
    expect((await packFolder(folder)).digest).not.toBe(before.digest)
  })

  it('refuses an empty folder', async () => {
    await expect(packFolder(await folderWith({ '.git/config': '' }))).rejects.toThrow(PipiError)
  })

  it('refuses a folder of too many files and says what to do', async () => {
    const folder = await tempFolder('many')
    for (let at = 0; at <= 20_000; at++) writeFileSync(join(folder, String(at)), '')
    await expect(packFolder(folder)).rejects.toThrow(/more than 20000 files/)
  })
})
