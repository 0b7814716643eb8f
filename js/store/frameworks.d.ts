/** What the hooks use of their frameworks, which are not installed here: they are the app's. */

declare module "react" {
  export function useEffect(effect: () => void): void;
  export function useState<State>(initial: () => State): [State, (next: State) => void];
  export function useSyncExternalStore<State>(
    subscribe: (listener: () => void) => () => void,
    getState: () => State,
    getServerState: () => State,
  ): State;
}

declare module "vue" {
  export interface ComputedRef<Value> {
    readonly value: Value;
  }
  export function computed<Value>(get: () => Value): ComputedRef<Value>;
  export function getCurrentInstance(): object | null;
  export function getCurrentScope(): object | undefined;
  export function onMounted(hook: () => void): void;
  export function onScopeDispose(hook: () => void): void;
  export function shallowRef<Value>(value: Value): { value: Value };
}
