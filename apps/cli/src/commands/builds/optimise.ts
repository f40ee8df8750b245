import { FidelityGoal, Recipe } from '@skerry/contract/builds/build'
import { BatchId } from '@skerry/contract/values/ids'
import { parseGoals } from '@skerry/core/builds/goal-text'
import { asIs, command, fits, fitsNumber, flag, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseModelReference } from '../../program/values.ts'
import { optimisationText, planText } from './build-view.ts'
import { uploadCalibration } from './calibration-file.ts'
import { watchOptimisation } from './optimisation-watch.ts'

export const optimiseModel = command({
  name: 'model optimise',
  summary: 'Make smaller and faster builds of a version, and keep those that answer as it does',
  details:
    'Each recipe makes one build. The hub runs the golden inputs on it and compares the answers with those of the version: ' +
    'the share of rows whose largest value is in the same place, and the largest difference in standard deviations (σ). ' +
    'Recipes of static int8 take their ranges from three of four golden cases, and are compared on the others. With --calibrate ' +
    'they take them from a file of np.savez with one array for each input, whose first axis counts the rows, or from JSON in the form ' +
    'of golden cases. Rows with labels are compared by accuracy or error; with --calibration-batch, devices computed them from rows of their own. All golden cases are then compared. The file is uploaded, with --dry-run too, and removed after the optimisation. ' +
    'With --watch, --json prints a line for each change.',
  examples: [
    'skerry model optimise reader:1 --dry-run',
    'skerry model optimise reader:1 --watch',
    'skerry model optimise reader:1 --recipe static-int8-percentile --agreement 0.95',
    'skerry model optimise reader:1 --calibrate images.npz',
    "skerry model optimise reader:1 --calibrate labelled.npz --goal 'accuracy drop <= 0.5%'",
    "skerry model optimise reader:1 --goal 'agreement >= 0.95' --goal 'size < 4 MB'",
  ],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    recipes: list('--recipe <recipe>', `only these: ${Recipe.options.join(', ')}`, fits(Recipe)),
    goals: list(
      '--goal <goal>',
      'agreement >= 0.95, difference <= 0.1, accuracy drop <= 0.5%, error rise <= 2%, size < 4 MB or p95 < 12 ms; several are allowed',
      asIs,
    ),
    calibrate: value(
      '--calibrate <file>',
      'rows from which ranges come, and rows with labels, FILE.npz or FILE.json; golden cases by default',
      asIs,
    ),
    calibrationBatch: value(
      '--calibration-batch <batch>',
      'ranges that devices computed for "skerry model calibrate", in place of a file',
      fits(BatchId),
    ),
    agreementMin: value(
      '--agreement <share>',
      'the least share of rows that agree; 0.99 by default; short for a goal',
      fitsNumber(FidelityGoal.shape.agreementMin),
    ),
    differenceMax: value(
      '--difference <number>',
      'or the largest difference in σ; 0.05 by default; short for a goal',
      fitsNumber(FidelityGoal.shape.differenceMax),
    ),
    isDryRun: flag('--dry-run', 'only show what it would do and take'),
    isWatched: flag('--watch', 'watch it until it ends'),
  },
  async run({ reference, recipes, goals, calibrate, calibrationBatch, isDryRun, isWatched, ...short }, session) {
    const { client, connection } = await session.hub()
    const { name, version = 'latest' } = reference
    const uploaded = async (file: string) => {
      const detail = await client.model.getVersion({ name, version }, { signal: session.signal })
      return uploadCalibration(connection, { file, version: detail }, session)
    }
    const goal = goalOf(goals, short)
    const { signal } = session
    const calibration = calibrate === undefined ? undefined : await uploaded(calibrate)
    const request = {
      name,
      version,
      goal,
      ...(recipes.length > 0 && { recipes: [...recipes] }),
      ...(calibration && { calibration }),
      ...(calibrationBatch && { calibrationBatch }),
    }
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

type Short = { agreementMin: number | undefined; differenceMax: number | undefined }

/** The short options are goals like the others, so that two goals of a kind are a mistake in any form. */
function goalOf(texts: readonly string[], { agreementMin, differenceMax }: Short): FidelityGoal {
  const short = [
    ...(agreementMin === undefined ? [] : [`agreement >= ${agreementMin}`]),
    ...(differenceMax === undefined ? [] : [`difference <= ${differenceMax}`]),
  ]
  const parsed = parseGoals([...short, ...texts])
  if (!parsed.ok) throw wrongUsage(`the goals are wrong: ${parsed.message}`)
  return parsed.goal
}
