import { jsonService } from './json-call.ts'

/** The account's budgets, by name. */
export const budgets = jsonService('AWSBudgetServiceGateway', {
  async DescribeBudgets(_asked, world) {
    const all = await world.list('aws:budgets/budget:Budget')
    return { Budgets: all.map(({ id, inputs }) => ({ BudgetName: inputs.name ?? id, BudgetType: inputs.budgetType })) }
  },
})
