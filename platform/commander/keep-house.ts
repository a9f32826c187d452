import { PipiError } from '../../catalog/errors.ts'
import { expireCredits, expireWorkspaces } from './expire.ts'
import { keepCompared } from './keep-compared.ts'
import { type ReaderDelay, watchUse } from './kill-switch.ts'
import { type SurveySettler, settleSurveys } from './settle-survey.ts'
import { type RuleOf, standStill } from './stand-still.ts'
import { sweepUncertain } from './sweep.ts'

export interface House extends SurveySettler {
  delayOf: ReaderDelay
  /** What else is to be done, by a word for it; true when there may be something new to assign. */
  more?: readonly [string, () => Promise<unknown>][]
}

/**
 * What the commander does by itself, in order: the kill switch first. Each is safe to do twice, by any number of
 * platforms at once. One that fails is told, and keeps no other from being done.
 * @returns whether there may be something new to assign
 */
export async function keepHouse(house: House): Promise<boolean> {
  const { db, log, engines, delayOf } = house
  const ruleOf: RuleOf = (engine, type) => engines.get(engine)?.rules[type]
  const chores: [string, () => Promise<unknown>][] = [
    ['watch what is used', () => watchUse(db, log, delayOf)],
    ['make the switches hold', () => standStill(db, log, ruleOf)],
    ['compare surveys', () => settleSurveys(house)],
    ['look up what is not certain', () => sweepUncertain(db, log)],
    ['keep promised ends', () => expireWorkspaces(db, log, ruleOf)],
    ['let credits expire', () => expireCredits(db, log)],
    ['compare what runs', () => keepCompared(db, log)],
    ...(house.more ?? []),
  ]
  let news = false
  for (const [what, chore] of chores) {
    try {
      news = (await chore()) === true || news
    } catch (error) {
      log('warn', `could not ${what}: ${PipiError.from(error).message}`)
    }
  }
  return news
}
