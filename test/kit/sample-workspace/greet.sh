#!/bin/sh
echo "Hello from $(uname -sr), as $(id -un)"
