/** Rules for inputs, typed by the input of their endpoint. */

import type { EndpointTypeMap } from "../client/run.ts";

/** What a rule can name of the values of a field. */
type Scalar = string | number | boolean | null;

/** The scalars among the values of a field; all of them where its type is not known. */
type ScalarOf<Value> = unknown extends Value ? Scalar : Extract<Value, Scalar>;

/** A rule where the values of a field can be of a kind; it can be given to no other field. */
type Where<Value, Kind, Rule> = unknown extends Value ? Rule : Extract<Value, Kind> extends never ? undefined : Rule;

/** A rule for one field of an input. A field that is absent has the model's default. */
export interface InputRule<Value = any> {
  /** A number, at most this one. */
  max?: Where<Value, number, number>;
  /** A number, at least this one. */
  min?: Where<Value, number, number>;
  /** A text of at most this many characters. */
  maxLength?: Where<Value, string, number>;
  /** A list of at most this many items. */
  maxItems?: Where<Value, readonly unknown[], number>;
  /** One of these scalars. */
  oneOf?: ScalarOf<Value>[];
  /** This value and no other; put in where it is absent. Only for fields at the top of an input. */
  fixed?: ScalarOf<Value>;
  /** The field must be absent. */
  absent?: true;
}

/** Every endpoint: those that are known, and all others. */
interface Endpoints extends EndpointTypeMap {
  [id: string]: any;
}

/** Rules for the fields of an input: those it has, and paths into them. */
type RulesFor<Input> = unknown extends Input
  ? Record<string, InputRule>
  : { [Field in keyof Input & string]?: InputRule<NonNullable<Input[Field]>> } & {
      [path: `${string}.${string}`]: InputRule;
    };

/** Rules for inputs, by endpoint pattern. What is known of an endpoint's input types its rules. */
export type InputRules = { [Id in keyof Endpoints]?: RulesFor<InputOf<Endpoints[Id]>> };

/** Rules for the input of one endpoint. */
export type InputRulesOf<Id extends string> = RulesFor<InputOf<Endpoints[Id]>>;

type InputOf<Endpoint> = Endpoint extends { input: infer Input } ? Input : any;
