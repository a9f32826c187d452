import { PipiError, type Problem } from '../../../catalog/errors.ts'
import { showPlatform, showPlatforms } from '../show-catalog.ts'
import { showDemand, showDemandTable } from '../show-demand.ts'
import type { Verb } from '../verb.ts'

const catalog: Verb = {
  summary: 'what each platform gives for free, with source and date: list, show CODE, demand TYPE, table, lint',
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
      .command('demand')
      .description('what a resource of a type would take, or why it is refused')
      .argument('<type>', 'its Pulumi type')
      .option('--inputs <json>', 'its inputs; left out: the example of the catalogue')
      .option('--region <region>', 'where; left out: the first that is free')
      .option('--plan <plan>', 'the plan of the cloud account; left out: the one on which it is free')
      .action(
        action<{ inputs?: string; region?: string; plan?: string }>(async ({ args, options, terminal }) => {
          const { askDemand } = await import('../ask-demand.ts')
          const asked = await askDemand(args[0] as string, options)
          terminal.document({ ...asked.of, answer: asked.answer })
          showDemand(terminal, asked.of, asked.answer)
          return asked.answer.ok ? 0 : 3
        }),
      )
    command
      .command('table')
      .description('every type that is known: what it takes or why it is refused, limit, price, source')
      .option('--cloud <code>', 'only this platform')
      .action(
        action<{ cloud?: string }>(async ({ options, terminal }) => {
          const { openBook } = await import('../../../engines/demand/book.ts')
          const { demandTable } = await import('../../../engines/demand/table.ts')
          const book = await openBook()
          if (options.cloud !== undefined && !book.platforms.has(options.cloud)) {
            throw new PipiError('not-found', `the catalogue has no platform "${options.cloud}"`, {
              hint: `it knows ${[...book.platforms.keys()].join(', ')}`,
            })
          }
          const rows = demandTable(book, options.cloud)
          terminal.document({ items: rows })
          showDemandTable(terminal, rows)
          return 0
        }),
      )
    command
      .command('lint')
      .description('check every file of the catalogue')
      .argument('[folder]', 'another folder with such files')
      .action(
        action(async ({ args, terminal }) => {
          const { CATALOG_FOLDER, readCatalog } = await import('../../../catalog/load.ts')
          const { problems, platforms } = await readCatalog(args[0] ?? CATALOG_FOLDER)
          terminal.document({ ok: problems.length === 0, platforms: platforms.size, problems })
          for (const it of problems) terminal.line(lineOf(it))
          terminal.line(
            problems.length === 0 ? `${platforms.size} platforms, no problem.` : `${problems.length} problems.`,
          )
          return problems.length === 0 ? 0 : 2
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
