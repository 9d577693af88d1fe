#!/bin/sh
# Prints a go.mod that builds the Kubernetes commands from released modules:
#   sh gen-kubernetes-mod.sh v1.36.4 > kubernetes/go.mod && (cd kubernetes && go mod tidy)
#   sh gen-kubernetes-mod.sh v1.34.11 > kubernetes-1.34/go.mod && (cd kubernetes-1.34 && go mod tidy)
# A dependency's replace lines are ignored by Go, so the staging modules are named again here.
set -eu
version=$1
staging=v0.${version#v1.}
gomod=$(go mod download -json k8s.io/kubernetes@"$version" | sed -n 's/.*"GoMod": "\(.*\)",*$/\1/p')
echo "module rig.test/kubernetes"
echo
grep -E '^(go|godebug) ' "$gomod"
echo
for command in kube-apiserver kube-controller-manager kube-scheduler kubectl kubelet kube-proxy; do
  echo "tool k8s.io/kubernetes/cmd/$command"
done
echo
echo "require k8s.io/kubernetes $version"
echo
echo "replace ("
awk -v s="$staging" '$2=="=>" && $3 ~ /^\.\/staging\/src\// {print "\t"$1" => "$1" "s}' "$gomod"
echo ")"
