/** Error codes of groups, pairs, placements, scaling and routes. */
export const placeErrors = {
  placement_missing: { status: 409, message: 'the deployment has no placement policy' },
  class_unknown: {
    status: 404,
    message: 'no device that the deployment selects has this class of hardware; "skerry device show" names classes',
  },
  data_class_refused: {
    status: 422,
    message: 'the data is more sensitive than a place may handle; the message names it',
  },
  scaling_missing: { status: 409, message: 'the deployment has no scaling policy' },
  settings_unknown: { status: 404, message: 'this place has no settings of its own; see "skerry settings ls"' },
  group_unknown: { status: 404, message: 'there is no group of this name; "skerry group ls" lists them' },
  group_refused: { status: 422, message: 'the group does not fit; the message names the reason' },
  group_used: { status: 409, message: 'a selector names the group; change the selector first' },
  pair_unknown: { status: 404, message: 'there is no pair of this name; "skerry pair ls" lists them' },
  pair_refused: { status: 422, message: 'the devices cannot be a pair so; the message names the reason' },
  model_route_unknown: { status: 404, message: 'there is no route of this name; "skerry route ls" lists them' },
  route_refused: { status: 422, message: 'the route does not fit; the message names the reason' },
} as const
