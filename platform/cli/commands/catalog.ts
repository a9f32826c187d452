import type { Problem } from '../../../catalog/errors.ts'
import { showPlatform, showPlatforms } from '../show-catalog.ts'
import type { Verb } from '../verb.ts'

const catalog: Verb = {
  summary: 'what each platform gives for free, with source and date: list, show CODE, lint',
  declare: (command, action) => {
    command
      .command('list')
      .description('all platforms')
      .action(
        action(async ({ terminal }) => {
          const { loadCatalog } = await import('../../../catalog/load.ts')
          const platforms = [...(await loadCatalog()).values()]
          terminal.document({ items: platforms })
          showPlatforms(terminal, platforms)
          return 0
        }),
      )
    command
      .command('show')
      .description('one platform: services, limits, prices, sources')
      .argument('<code>', 'its code')
      .action(
        action(async ({ args, terminal }) => {
          const { loadPlatform } = await import('../../../catalog/load.ts')
          const platform = await loadPlatform(args[0] as string)
          terminal.document(platform)
          showPlatform(terminal, platform)
          return 0
        }),
      )
    command
      .command('lint')
      .description('check every file of the catalogue')
      .action(
        action(async ({ terminal }) => {
          const { readCatalog } = await import('../../../catalog/load.ts')
          const { problems, platforms } = await readCatalog()
          terminal.document({ ok: problems.length === 0, platforms: platforms.size, problems })
          for (const it of problems) terminal.line(lineOf(it))
          terminal.line(
            problems.length === 0 ? `${platforms.size} platforms, no problem.` : `${problems.length} problems.`,
          )
          return problems.length === 0 ? 0 : 1
        }),
      )
  },
}
export default catalog

function lineOf(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':')
  const path = problem.path === undefined ? '' : `${problem.path}: `
  return `${place}  ${path}${problem.message}${problem.allowed === undefined ? '' : ` (allowed: ${problem.allowed})`}`
}
