/** The error codes of campaigns, surveys and learnings, which all read data on devices. */
export const trainingErrors = {
  campaign_unknown: { status: 404, message: 'no such campaign; "skerry campaign ls" lists them' },
  campaign_exists: { status: 409, message: 'a campaign of this name exists; choose another name' },
  campaign_over: { status: 409, message: 'the campaign is over; start another one' },
  campaign_refused: { status: 422, message: 'the campaign does not fit; the message names the reason' },
  survey_unknown: { status: 404, message: 'no such survey; "skerry survey ls" lists them' },
  survey_exists: { status: 409, message: 'a survey or campaign of this name exists; choose another name' },
  survey_over: { status: 409, message: 'the survey is over; start another one' },
  survey_refused: { status: 422, message: 'the survey does not fit; the message names the reason' },
  learning_unknown: { status: 404, message: 'no such learning; see "skerry learn ls"' },
  learning_exists: { status: 409, message: 'this learning is under way' },
  learning_over: { status: 409, message: 'the learning is over' },
  learning_mark_unknown: { status: 404, message: 'no such mark; see "skerry learn show"' },
  learning_fleet_unknown: { status: 404, message: 'no such order; see "skerry learn fleet ls"' },
  learning_refused: { status: 422, message: 'the learning does not fit; the message names the reason' },
} as const
