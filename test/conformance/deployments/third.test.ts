import { everyEngine } from './every-engine.ts'

everyEngine(2, 3)
