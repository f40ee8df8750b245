import { FidelityGoal, Recipe } from '@skerry/contract/builds/build'
import { command, fits, fitsNumber, flag, list, required, value } from '../../program/command.ts'
import { parseModelReference } from '../../program/values.ts'
import { optimisationText, planText } from './build-view.ts'
import { watchOptimisation } from './optimisation-watch.ts'

export const optimiseModel = command({
  name: 'model optimise',
  summary: 'Make smaller and faster builds of a version, and keep those that answer as it does',
  details:
    'Each recipe makes one build. The hub runs the golden inputs on it and compares the answers with those of the version: ' +
    'the share of rows whose largest value is in the same place, and the largest difference in standard deviations (σ). ' +
    'Recipes of static int8 take their ranges from three of four golden cases, and are compared on the others. ' +
    'With --watch, --json prints a line for each change.',
  examples: [
    'skerry model optimise reader:1 --dry-run',
    'skerry model optimise reader:1 --watch',
    'skerry model optimise reader:1 --recipe static-int8-percentile --agreement 0.95',
  ],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    recipes: list('--recipe <recipe>', `only these: ${Recipe.options.join(', ')}`, fits(Recipe)),
    agreementMin: value(
      '--agreement <share>',
      'the least share of rows that agree; 0.99 by default',
      fitsNumber(FidelityGoal.shape.agreementMin),
    ),
    differenceMax: value(
      '--difference <number>',
      'or the largest difference in σ; 0.05 by default',
      fitsNumber(FidelityGoal.shape.differenceMax),
    ),
    isDryRun: flag('--dry-run', 'only show what it would do and take'),
    isWatched: flag('--watch', 'watch it until it ends'),
  },
  async run({ reference, recipes, agreementMin, differenceMax, isDryRun, isWatched }, session) {
    const { client } = await session.hub()
    const { name, version = 'latest' } = reference
    const goal = FidelityGoal.parse({
      ...(agreementMin !== undefined && { agreementMin }),
      ...(differenceMax !== undefined && { differenceMax }),
    })
    const request = { name, version, goal, ...(recipes.length > 0 && { recipes: [...recipes] }) }
    const { signal } = session
    if (isDryRun) {
      const plan = await client.optimisation.plan(request, { signal })
      session.print({ json: plan, text: () => planText(plan, session.style) })
      return
    }
    const started = await client.optimisation.start(request, { signal })
    if (isWatched) return watchOptimisation(client, started.id, session)
    session.print({ json: started, text: () => optimisationText(started, session.style) })
  },
})
